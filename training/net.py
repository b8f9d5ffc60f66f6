import math, torch, torch.nn as nn, torch.nn.functional as F
TIERS={'lite':((16,32,64),2),'standard':((32,64,128),6),'fine':((64,128,224),8)}
def fading(factor):
    def along(p,t):
        a=abs(p-(t-1)*factor-(factor-1)/2)/factor
        return .75-a*a if a<.5 else (1.5-a)**2/2 if a<1.5 else 0.
    return torch.tensor([[along(c//factor,t//3)*along(c%factor,t%3) for t in range(9)] for c in range(factor*factor)]).reshape(factor*factor,1,1,3,3)
class Net(nn.Module):
    """The style network of stylecast, parameter names as there. opts: 'see' = the exit sees the picture itself."""
    def __init__(s,tier='lite',seed=1,see=False,cin=3,quarter=0):
        super().__init__(); torch.manual_seed(seed)
        (h,q,e),blocks=tier if isinstance(tier,tuple) else TIERS[tier]; s.P=nn.ParameterDict(); s.blocks=blocks; s.see=see; s.quarter=quarter; s.folded=False; s.seen=None
        s.order=[]
        def par(name,dims,dev=None,val=0.): 
            s.P[name.replace('.','/')]=nn.Parameter(torch.randn(dims)*dev if dev else torch.full(dims,float(val))); s.order.append(name)
        def conv(name,o,i,k):
            par(name+'.weight',(o,i,k,k),math.sqrt(2/(i*k*k))); par(name+'.shift',(o,)); par(name+'.scale',(o,),val=1)
        conv('fine',h,cin,4); conv('medium',q,h,2); conv('coarse',e,q,2)
        for n in range(1,blocks+1): conv(f'body{n}.1',e,e,3); conv(f'body{n}.2',e,e,3)
        conv('raise1',q,e,1); conv('merge1',q,q,3); [(conv(f'quarter{k}.1',q,q,3),conv(f'quarter{k}.2',q,q,3)) for k in range(1,quarter+1)]; conv('raise2',h,q,1); conv('merge2',h,h,3)
        x=h+12 if see else h
        par('paint.weight',(3,x,1,1),1/math.sqrt(h*4)); par('paint.detail',(4,3,x,3,3)); par('paint.shift',(1,3),val=.5)
        if see:
            with torch.no_grad(): s.g('paint.weight')[:,h:]=0
        s.register_buffer('fade',fading(2)); f=torch.tensor([1.,2,1])/4; s.register_buffer('low',(f[:,None]*f[None]).reshape(1,1,3,3))
        s.stats={}
    def g(s,n): return s.P[n.replace('.','/')]
    def norm(s,name,x,relu):
        sc,sh=s.g(name+'.scale'),s.g(name+'.shift')
        if s.folded:
            m,d=s.stats[name]; a=sc/d; x=x*a[None,:,None,None]+(sh-m*a)[None,:,None,None]
        else:
            if s.seen is not None:
                s.seen.setdefault(name,[]).append((x.mean((2,3)).mean(0).detach(),x.var((2,3),unbiased=False).mean(0).detach()))
            x=F.instance_norm(x,weight=sc,bias=sh,eps=1e-5)
        return F.relu(x) if relu else x
    def conv(s,name,x,relu=True,reflect=False):
        w=s.g(name+'.weight'); k=w.shape[-1]
        if reflect: x=F.pad(x,(k//2,)*4,mode='reflect')
        return s.norm(name,F.conv2d(x,w),relu)
    def halve(s,name,x):
        w=s.g(name+'.weight'); o,i,k,_=w.shape
        w=F.conv2d(w.reshape(o*i,1,k,k),s.low,padding=2).reshape(o,i,k+2,k+2)
        return s.norm(name,F.conv2d(x,w,stride=2),True)
    def forward(s,image):
        wide=F.pad(image,(16,)*4,mode='reflect')
        fine=s.halve('fine',wide); medium=s.halve('medium',fine); feat=s.halve('coarse',medium)
        b=feat
        for n in range(1,s.blocks+1): b=b+s.conv(f'body{n}.2',s.conv(f'body{n}.1',b,reflect=True),False,True)
        up=lambda x:F.interpolate(x,scale_factor=2,mode='bilinear',align_corners=False)
        cut=lambda x,r:x[:,:,r:-r,r:-r]
        a=up(s.conv('raise1',b,False))+cut(medium,1); st=s.conv('merge1',a)
        for k in range(1,s.quarter+1): st=st+s.conv(f'quarter{k}.2',s.conv(f'quarter{k}.1',st,reflect=True),False,True)
        a=up(s.conv('raise2',st,False))+cut(fine,5); d=s.conv('merge2',a)
        if s.see: d=torch.cat([d,F.pixel_unshuffle(F.pad(image,(2,)*4,mode='reflect')-.5,2)],1)
        fd=(s.g('paint.detail')+s.g('paint.weight'))*s.fade
        resp=fd.sum((3,4),keepdim=True); ex=resp-resp.mean(0,keepdim=True)
        w=(fd-ex*s.fade).reshape(12,-1,3,3)
        y=F.conv2d(d,w)+s.g('paint.shift').repeat(4,1).reshape(1,12,1,1)
        # DepthToSpace DCR: channel = cell*3 + colour
        n,c,hh,ww=y.shape
        y=y.reshape(n,2,2,3,hh,ww).permute(0,3,4,1,5,2).reshape(n,3,hh*2,ww*2)
        s.features=cut(feat,1)
        return y
