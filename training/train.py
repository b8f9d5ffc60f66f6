import sys,os,time,math,json,random,argparse,glob
HERE=os.path.dirname(os.path.abspath(__file__)); RUNS=os.environ.get('RUNS',HERE+'/runs'); DATA=os.environ.get('DATA',HERE); sys.path.insert(0,HERE)
import numpy as np, torch, torch.nn.functional as F
from PIL import Image, ImageFilter
from net import Net; from flat import flatten; from vgg import vgg, gram; from light_colour import light_colour
ap=argparse.ArgumentParser()
a=ap.add_argument
a('name'); a('--style',required=True); a('--tier',default='lite'); a('--steps',type=int,default=2500); a('--batch',type=int,default=1); a('--size',type=int,default=256)
a('--opt',default='adam'); a('--lr',type=float,default=2e-3); a('--mlr',type=float,default=.02); a('--target',type=float,default=.45); a('--lam',type=float,default=.5); a('--least',type=float,default=.015,help='least weight of the content')
a('--see',action='store_true'); a('--from_',default=''); a('--pool',type=int,default=1200); a('--seed',type=int,default=1); a('--w11',type=float,default=1.); a('--w41',type=float,default=1.)
a('--w4',type=float,default=0.,help='weight of the style at a quarter of the size'); a('--lc',type=float,default=0.); a('--scale',type=float,default=1.); a('--tv',type=float,default=1.); a('--cut',type=float,default=0.)
a('--mid',type=int,default=0); a('--quarter',type=int,default=0); a('--lt',type=float,default=0.); a('--col',type=float,default=0.); a('--hue',type=float,default=0.); a('--mesh',type=float,default=0.,help='weight of what repeats with the grid of 2 and of 4 pixels'); a('--faint',type=float,default=.05); a('--temporal',type=float,default=0.); a('--c42',type=float,default=1.); a('--half',type=float,default=0.); a('--cast',type=float,default=0.); a('--tint',type=float,default=0.); a('--alpha',type=float,default=.4,help='share of the colour of the photograph'); a('--own',type=float,default=1.,help='share of the colour that the style has at that light'); a('--eval',type=int,default=0); a('--flat',type=float,default=0.,help='tone of the bilateral filter that takes the grain of the style picture away'); a('--s51',type=float,default=0.); a('--zoom',type=float,default=1.,help='largest size of a photograph, in short sides of the crop: 0 none'); a('--warm',type=int,default=50); a('--pop',type=float,default=0.); a('--gate',type=float,default=0.)
A=ap.parse_args(); torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS","2"))); torch.manual_seed(A.seed); R=random.Random(A.seed)
out=f'{RUNS}/{A.name}'; os.makedirs(out,exist_ok=True)
D=DATA+'/data'
def to(im): return torch.from_numpy(np.asarray(im)).permute(2,0,1)
files=sorted(glob.glob(D+'/photos/*.jpg')); faces=[f for f in files if 'face-' in f]; rest=[f for f in files if 'face-' not in f]
cache={}
def photo(f):
    if f not in cache: cache[f]=Image.open(f).convert('RGB')
    return cache[f]
def crop(S):
    im=photo(R.choice(faces if R.random()<.3 else rest)); short=min(im.size)
    most=1. if not A.zoom or A.zoom==1 else min(1.,A.zoom*S/short)
    k=max(R.uniform(S/short,most),S/short); w,h=[max(S,round(v*k)) for v in im.size]
    im=im.resize((w,h),Image.BICUBIC) if k<.999 or k>1 else im
    w,h=im.size; x,y=R.randint(0,w-S),R.randint(0,h-S); im=im.crop((x,y,x+S,y+S))
    if R.random()<.5: im=im.transpose(Image.FLIP_LEFT_RIGHT)
    u=R.random(); t=to(im).float()/255
    if u<.12: t=(t*R.uniform(.15,.6))**R.uniform(.9,1.3)
    elif u<.20: t=to(im.filter(ImageFilter.GaussianBlur(R.uniform(.8,3)))).float()/255
    elif u<.28: m=t.mean(); t=(t-m)*R.uniform(.25,.6)+m*R.uniform(.7,1.3)
    if R.random()<.15: t=t+torch.randn_like(t)*R.uniform(.01,.05)
    return (t.clamp(0,1)*255).round().byte()
def down(x,k): return F.avg_pool2d(x,k)
def win(x,o): return x[:,:,o[0]:o[0]+A.mid,o[1]:o[1]+A.mid] if A.mid else x
class Pool:
    """Crops with their content features, each made once."""
    def __init__(s):
        s.file=f'{RUNS}/pool_{A.size}_{A.mid}_{A.pool}{"" if A.zoom==1 else "_z%g"%A.zoom}.pt'; s.items=torch.load(s.file) if os.path.exists(s.file) else [None]*A.pool; s.saved=os.path.exists(s.file)
    def keep(s):
        if not s.saved and all(i is not None for i in s.items): torch.save(s.items,s.file+'.t'); os.replace(s.file+'.t',s.file); s.saved=True
    def get(s,i):
        if s.items[i] is None:
            c=crop(A.size); x=c[None].float()/255; o=(R.randint(0,(A.size-A.mid)//2)*2,R.randint(0,(A.size-A.mid)//2)*2) if A.mid else (0,0)
            with torch.no_grad():
                s.items[i]=(c,vgg(win(x,o),['4_2'])['4_2'],vgg(down(x,4),['3_1'])['3_1'],vgg(down(x,8),['3_1'])['3_1'],o)
        if A.half and len(s.items[i])==5:
            with torch.no_grad(): s.items[i]=s.items[i]+(vgg(down(s.items[i][0][None].float()/255,2),['3_1'])['3_1'],)
        return s.items[i]
def styleOf(f,scale):
    im=Image.open(f).convert('RGB'); k=640*scale/max(im.size); im=im.resize((round(im.width*k),round(im.height*k)),Image.LANCZOS); x=to(im)[None].float()/255
    if A.flat: x=flatten(x,tone=A.flat)
    with torch.no_grad(): return [{k:gram(v) for k,v in vgg(l,SL[i]).items()} for i,l in enumerate([x,down(x,2),down(x,4)])]
SL=[['1_1','2_1','3_1','4_1']+(['5_1'] if A.s51 else []),['1_1','2_1','3_1'],['1_1','2_1','3_1']]
from light_colour import opponent
CM=opponent(to(Image.open(f'{D}/styles/{A.style}.jpg' if '/' not in A.style else A.style).convert('RGB').resize((256,256)))[None].float()/255).mean((2,3))
print('style mean Y Cb Cr',CM.tolist())
PM=torch.tensor([[.44,0.,0.]]); AL=torch.tensor([[.5,.4,.4]]); CW=torch.tensor([[.3,1.,1.]])
def toneTable(f):
    """mean Cb, Cr of the style by luma: 65 entries"""
    im=Image.open(f).convert('RGB'); k=640/max(im.size); im=im.resize((round(im.width*k),round(im.height*k)),Image.LANCZOS)
    c=F.avg_pool2d(opponent(to(im)[None].float()/255),4).flatten(2)[0]; at=torch.linspace(0,1,65)
    w=torch.exp(-((at[:,None]-c[0][None])/.06)**2/2)+1e-4*torch.exp(-((at[:,None]-c[0][None])/.3)**2/2); w=w/w.sum(1,keepdim=True)
    return w@c[1:].T
TT=toneTable(f'{D}/styles/{A.style}.jpg' if '/' not in A.style else A.style)
def tint(x,y):
    """colour of cells of 16 px: that of the style at their light, moved part of the way as the photograph's is"""
    p,q=F.avg_pool2d(opponent(x),16).flatten(2),F.avg_pool2d(opponent(y),16).flatten(2)
    a=(q[:,0].detach().clamp(0,.9999)*64); i=a.long(); r=(a-i)[...,None]
    want=A.own*(TT[i]*(1-r)+TT[i+1]*r)
    return ((q[:,1:]-want.transpose(1,2)-A.alpha*p[:,1:])**2).sum(1).mean()
def cast(x,y):
    """mean light and colour of a crop: the style's, moved part of the way as the photograph's is"""
    return ((opponent(y).mean((2,3))-CM-AL*(opponent(x).mean((2,3))-PM))**2*CW).sum(1).mean()
T=styleOf(f'{D}/styles/{A.style}.jpg' if '/' not in A.style else A.style,A.scale)
tier=eval(A.tier) if A.tier[0]=='(' else A.tier
net=Net(tier,A.seed,A.see,quarter=A.quarter)
state={'step':0,'lam':A.lam,'s':None,'hist':[]}
ck=out+'/ck.pt'
if A.from_: 
    w=torch.load(A.from_)
    for k in ('P.paint/weight','P.paint/detail'):
        have,want=w['net'][k],net.state_dict()[k]
        if have.shape!=want.shape: z=torch.zeros_like(want); z.narrow(have.dim()-3 if have.dim()==5 else 1,0,have.shape[2 if have.dim()==5 else 1]).copy_(have); w['net'][k]=z
    state['all0']=w['state'].get('all',w['state']['step']); miss=net.load_state_dict(w['net'],strict=False); print(miss)
conv=[p for n,p in net.P.items() if n.endswith('weight') and 'paint' not in n]; other=[p for n,p in net.P.items() if not (n.endswith('weight') and 'paint' not in n)]
class Muon(torch.optim.Optimizer):
    """Momentum made orthogonal by five Newton-Schulz steps (Jordan 2024)."""
    def __init__(s,ps,lr): super().__init__(ps,dict(lr=lr))
    @torch.no_grad()
    def step(s):
        for g in s.param_groups:
            for p in g['params']:
                st=s.state[p]; m=st.setdefault('m',torch.zeros_like(p)); m.mul_(.95).add_(p.grad,alpha=.05); u=p.grad*.05+m*.95
                X=u.reshape(p.shape[0],-1); tr=X.shape[0]>X.shape[1]; X=X.T if tr else X; X=X/(X.norm()+1e-9)
                for _ in range(5): B=X@X.T; X=3.4445*X+(-4.7750*B+2.0315*B@B)@X
                X=X.T if tr else X
                p.add_(X.reshape(p.shape),alpha=-g['lr']*.2*max(X.shape)**.5)
if A.opt=='muon': opts=[(Muon([{'params':conv}],A.mlr),A.mlr),(torch.optim.Adam(other,A.lr,betas=(.9,.99)),A.lr)]
else: opts=[(torch.optim.Adam(net.parameters(),A.lr,betas=(.9,.99)),A.lr)]
if os.path.exists(ck):
    z=torch.load(ck); net.load_state_dict(z['net']); state=z['state']; [o.load_state_dict(q) for (o,_),q in zip(opts,z['opts'])]
pool=Pool(); order=[]
def rel(x,t,n): return ((x-t)**2).sum()/(t**2).sum()/n
def luma(x): return (x*torch.tensor([.299,.587,.114]).reshape(1,3,1,1)).sum(1,keepdim=True)
def light(y,x):
    """local contrast of light and of colour against the photograph's: 1 - correlation in windows, at 1/8"""
    tot=0
    for k in (8,16):
        p,q=down(y,k),down(x,k)
        for ch in range(4):
            u=luma(p) if ch==3 else p[:,ch:ch+1]-luma(p); v=luma(q) if ch==3 else q[:,ch:ch+1]-luma(q)
            box=lambda z:F.avg_pool2d(z,5,1,2,count_include_pad=False)
            mu,mv=box(u),box(v); cu=box(u*v)-mu*mv; vu=box(u*u)-mu*mu; vv=box(v*v)-mv*mv
            wgt=(vv.clamp(min=0)+1e-6).sqrt().detach(); r=cu/((vu.clamp(min=0)+2e-4)*(vv.clamp(min=0)+2e-4)).sqrt()
            tot=tot+((1-r)*wgt).sum()/wgt.sum()*(1. if ch==3 else .33)
    return tot/4
ema={}
from light_colour import local
def mesh(y):
    """what repeats with the pixels' places in cells of 2x2 and of 4x4: the mean square of each place's difference from its cell, averaged over 32 pixels"""
    return sum((F.avg_pool2d(F.pixel_unshuffle(y-F.interpolate(F.avg_pool2d(y,k),scale_factor=k,mode='nearest'),k),32//k)**2).mean() for k in (2,4))
def hue(x,y):
    """do local differences of colour point where the photograph's do? 1 all, 0 none or grey, -1 turned round"""
    s,p=local(x).flatten(2),local(y).flatten(2); c,q=s[:,1:],p[:,1:]
    cc,qq,cq=(c*c).sum((1,2)),(q*q).sum((1,2)),(c*q).sum((1,2)); t=1e-6*c.shape[2]
    return cq/((cc+t)*(qq+A.faint*cc+t)).sqrt()
def losses(y,items):
    n=y.shape[0]; x=torch.stack([i[0] for i in items]).float()/255
    f=vgg(torch.cat([win(y[k:k+1],it[4]) for k,it in enumerate(items)]),['1_1','2_1','3_1','4_1','4_2']+(['5_1'] if A.s51 else [])); h,q,e=down(y,2),down(y,4),down(y,8)
    fh=vgg(h,SL[1]); fq=vgg(q,SL[2] if A.w4 else ['3_1']); fe=vgg(e,['3_1'])
    W={'1_1':A.w11,'2_1':1.,'3_1':1.}
    # a spread of Gram matrices over the pictures of training, not one for each: --pop
    def gr(key,f):
        g=gram(f)
        if A.pop>0:
            m=ema.get(key); ema[key]=(g.detach().mean(0,keepdim=True) if m is None else m*.95+.05*g.detach().mean(0,keepdim=True))
            if m is not None: g=g*(1-A.pop)+A.pop*m
        return g
    st=[sum(W[k]*rel(gr((i,k),ff[k]),T[i][k],n) for k in W)/3 for i,ff in enumerate([f,fh]+([fq] if A.w4 else []))]
    s4=rel(gr('4',f['4_1']),T[0]['4_1'],n)
    s5=rel(gr('5',f['5_1']),T[0]['5_1'],n) if A.s51 else 0.
    c42=rel(f['4_2'].float(),torch.cat([i[1] for i in items]).float(),1)
    s=(rel(fq['3_1'].float(),torch.cat([i[2] for i in items]).float(),1)+rel(fe['3_1'].float(),torch.cat([i[3] for i in items]).float(),1))/2
    ch=rel(fh['3_1'].float(),torch.cat([i[5] for i in items]).float(),1) if A.half else 0.
    tv=((y[:,:,1:]-y[:,:,:-1])**2).mean()+((y[...,1:]-y[...,:-1])**2).mean()
    rg=(F.relu(y-1)**2).mean()+(F.relu(-y)**2).mean()
    style=st[0]+st[1]+A.w41*s4+A.s51*s5+(A.w4*st[2] if A.w4 else 0)
    d=dict(st0=st[0],st1=st[1],s4=s4,c42=c42,s=s,tv=tv)
    if A.half: d['ch']=ch
    if A.s51: d['s5']=s5
    if A.w4: d['st2']=st[2]
    loss=10*style+state['lam']*10*(A.c42*c42+A.half*ch+s)/2+A.tv*tv+10*rg
    with torch.set_grad_enabled(A.lt>0 or A.col>0):
        li,co=light_colour(torch.stack([i[0] for i in items]).float()/255,y); d['li'],d['co']=li.mean(),co.clamp(min=-1).mean()
    if A.mesh: d['me']=mesh(y); loss=loss+A.mesh*d['me']
    if A.hue: d['hu']=hue(torch.stack([i[0] for i in items]).float()/255,y).mean(); loss=loss+10*A.hue*(1-d['hu'])
    if A.cast: d['ca']=cast(torch.stack([i[0] for i in items]).float()/255,y); loss=loss+10*A.cast*d['ca']
    if A.tint: d['ti']=tint(torch.stack([i[0] for i in items]).float()/255,y); loss=loss+10*A.tint*d['ti']
    if A.lt: loss=loss+10*A.lt*(1-d['li'])
    if A.col: loss=loss+10*A.col*(1-d['co'])
    if A.lc: d['lc']=light(y,x); loss=loss+10*A.lc*d['lc']
    return loss,d
def motion(x):
    """a second frame: moved, turned, bent, occluded, lit otherwise, noisy; as stylecast's motionPair"""
    n,_,S,_=x.shape; u=random.Random(A.seed*77+state['step']); px=2/(S-1); still=u.random()<.2; so=still or u.random()<.5
    sh=lambda: (0 if still else u.randint(-5,5) if so else u.uniform(-6,6))*px
    an=0 if so else u.uniform(-.02,.02); z=1 if so else u.uniform(.98,1.02); c,sn=z*math.cos(an),z*math.sin(an)
    grid=F.affine_grid(torch.tensor([[[c,-sn,sh()],[sn,c,sh()]]]),(1,3,S,S),align_corners=True)
    if not so and u.random()<.5: grid=grid+F.interpolate(torch.randn(1,2,5,5)*px,(S,S),mode='bicubic',align_corners=True).permute(0,2,3,1)
    mv=F.grid_sample(x,grid.expand(n,-1,-1,-1),mode='bicubic',padding_mode='border',align_corners=True).clamp(0,1)
    inside=(grid.abs().amax(3)<=1)[:,None]
    if u.random()<.25:
        yy,xx=torch.meshgrid(torch.linspace(-1,1,S),torch.linspace(-1,1,S),indexing='ij'); cx,cy,rx,ry=u.uniform(-1,1),u.uniform(-1,1),u.uniform(.1,.4),u.uniform(.1,.4)
        ell=lambda m:((xx-cx)/(rx+m))**2+((yy-cy)/(ry+m))**2<1
        mv=torch.where(ell(0)[None,None],x.flip(2),mv); inside=inside&~ell(16/S)[None,None]
    if not still and u.random()<.5: mv=(mv*u.uniform(.8,1.25)+u.uniform(-.05,.05)).clamp(0,1)
    sp=lambda: u.uniform(.01,.04) if still else u.uniform(0,.04) if u.random()<.5 else 0
    nz=lambda f:(f+torch.randn_like(f)*sp()).clamp(0,1)
    return nz(x),nz(mv),grid,inside.float()
def var(x): return ((x-x.mean((2,3),keepdim=True))**2).mean()
def steady(y,ft,grid,mask):
    n=y.shape[0]//2; g=grid.expand(n,-1,-1,-1); m=mask.expand(n,-1,-1,-1)
    with torch.no_grad():
        w=F.grid_sample(y[:n],g,mode='bicubic',padding_mode='border',align_corners=True)
        s=ft.shape[2]; k=g.shape[1]//s; gc=F.avg_pool2d(g.permute(0,3,1,2),k)*((s*k-1)/(s*k-k)); wf=F.grid_sample(ft[:n],gc.permute(0,2,3,1),mode='bilinear',padding_mode='border',align_corners=True); mc=F.avg_pool2d(m,k).floor()
    t=(((y[n:]-w)*m)**2).sum()/(m.sum()*3+1)/(var(y[n:])+1e-3)
    own=var(ft[n:]); f=(((ft[n:]-wf)*mc)**2).sum()/(mc.sum()*ft.shape[1]+1)/((own+var(wf))/2+1e-3)+F.relu(1-own/.03)
    return t,f
def save(final=False):
    torch.save({'net':net.state_dict(),'state':state,'opts':[o.state_dict() for o,_ in opts],'args':vars(A)},ck+'.t'); os.replace(ck+'.t',ck)
t0=time.time(); first=state['step']; acc={}; order=list(range(A.pool)); shuffled=[]
while state['step']<A.steps:
    k=state['step']; share=k/A.steps
    sched=min(1,(k+1)/A.warm)*(.5+.5*math.cos(math.pi*share)) if A.cut==0 else min(1,(k+1)/A.warm)*min(1,(1-share)/A.cut)
    for o,lr in opts:
        for g in o.param_groups: g['lr']=lr*max(sched,.01)
    if len(shuffled)<A.batch: shuffled=order[:]; R2=random.Random(A.seed*1000+k); R2.shuffle(shuffled)
    items=[pool.get(shuffled.pop()) for _ in range(A.batch)]
    x=torch.stack([i[0] for i in items]).float()/255
    if A.temporal:
        p,q,grid,mask=motion(x); yy=net(torch.cat([p,q])); y=yy[:A.batch]; loss,d=losses(y,items); d['t'],d['f']=steady(yy,net.features,grid,mask)
        loss=loss+A.temporal*min(1,share/.2)*(d['t']+d['f']/3)
    else: y=net(x); loss,d=losses(y,items)
    for o,_ in opts: o.zero_grad(set_to_none=True)
    loss.backward()
    gn=torch.nn.utils.clip_grad_norm_(other if A.opt=='muon' else net.parameters(),1.)
    for o,_ in opts: o.step()
    s=d['s'].item(); state['s']=s if state['s'] is None else .98*state['s']+.02*s
    if k>100: state['lam']=max(A.least,state['lam']*math.exp(.004*max(-1,min(1,(state['s']-A.target)/A.target*2))))
    state['step']=k+1; state['all']=state.get('all0',0)+k+1; state['photographs']=len(files)
    for n,v in d.items(): acc[n]=acc.get(n,0)+float(v)
    if (k+1)%100==0:
        row={n:round(v/100,4) for n,v in acc.items()}; acc={}; row.update(step=k+1,lam=round(state['lam'],3),sec=round((time.time()-t0)/(k+1-first),3),strokes=round((row['st0']+row['st1']+row['s4'])/3,4)); state['hist'].append(row); print(json.dumps(row),flush=True)
    if (k+1)%500==0: save(); pool.keep()
save(); pool.keep()
print('done',time.time()-t0,flush=True)
os.system(f'{sys.executable} {HERE}/look.py {A.name}')
