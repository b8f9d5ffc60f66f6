import os,json,struct,ctypes,subprocess,numpy as np,torch,torch.nn.functional as F
HERE=os.path.dirname(os.path.abspath(__file__)); DATA=os.environ.get('DATA',HERE)
SO=os.environ.get('TMPDIR','/tmp')+'/stylecast-kernels.so'
if not os.path.exists(SO): subprocess.check_call(['gcc','-O3','-march=native','-fopenmp','-shared','-fPIC',HERE+'/kernels.c','-o',SO])
NAMES=['1_1','1_2','2_1','2_2','3_1','3_2','3_3','3_4','4_1','4_2','4_3','4_4','5_1']
CL=torch.channels_last; BF=torch.bfloat16
K=ctypes.CDLL(SO); L=ctypes.c_long
def ptr(t): return ctypes.c_void_p(t.data_ptr()) if t is not None else None
def new(n,c,h,w): return torch.empty((n,c,h,w),dtype=BF,memory_format=CL)
def load(path=DATA+'/data/vgg19-normalised-relu5_1.safetensors'):
    raw=open(path,'rb').read(); n=struct.unpack('<Q',raw[:8])[0]; head=json.loads(raw[8:8+n]); base=8+n
    return {k:torch.from_numpy(np.frombuffer(raw,dtype={'F32':'<f4','F16':'<f2'}[v['dtype']],count=int(np.prod(v['shape'])),offset=base+v['data_offsets'][0]).reshape(v['shape']).astype('<f4')) for k,v in head.items() if k!='__metadata__'}
def relu_pad(y,relu=1):
    n,c,h,w=y.shape; p=new(n,c,h+2,w+2); K.relu_pad(ptr(y),ptr(p),L(n),L(h),L(w),L(c),relu); return p
def fold(gp,extra,y):
    n,c,H,W=gp.shape; o=new(n,c,H-2,W-2); K.fold_mask(ptr(gp),ptr(extra),ptr(y),ptr(o),L(n),L(H-2),L(W-2),L(c)); return o
class Gram(torch.autograd.Function):
    @staticmethod
    def forward(ctx,f):
        n,c,h,w=f.shape; m=f.permute(0,2,3,1).reshape(n,h*w,c)
        ctx.save_for_backward(m); ctx.s=(n,c,h,w)
        return torch.bmm(m.transpose(1,2),m*(1/(h*w)) if False else m).float()/(h*w)
    @staticmethod
    def backward(ctx,g):
        m,=ctx.saved_tensors; n,c,h,w=ctx.s
        return torch.bmm(m,((g+g.transpose(1,2))/(h*w)).to(BF)).reshape(n,h,w,c).permute(0,3,1,2)
gram=Gram.apply
W_={}
def prepare():
    W=load()
    for n in NAMES:
        w,b=W[f'conv{n}.weight'],W[f'conv{n}.bias']
        if n=='1_1':
            b=b+(w.sum((2,3))@W['conv0.bias']) ; w=torch.einsum('oikl,ij->ojkl',w,W['conv0.weight'][:,:,0,0])
            W_[n]=(w.contiguous(memory_format=CL),w.flip(2,3).transpose(0,1).contiguous(memory_format=CL),b)
        else:
            wt=w.flip(2,3).transpose(0,1)
            W_[n]=(w.to(BF).contiguous(memory_format=CL),wt.to(BF).contiguous(memory_format=CL),b.to(BF))
class Feats(torch.autograd.Function):
    @staticmethod
    def forward(ctx,x,*want):
        ctx.want=want; last=[n for n in NAMES if n in want][-1]; keep={}
        with torch.no_grad():
            w,_,b=W_['1_1']
            y=F.conv2d(F.pad(x,(1,1,1,1),mode='reflect').contiguous(memory_format=CL),w,b).to(BF).contiguous(memory_format=CL)
            for i,n in enumerate(NAMES):
                if i:
                    prev=NAMES[i-1]
                    if n[2]=='1':
                        m,c,h,wd=y.shape
                        if h%2 or wd%2: y=keep[prev]=F.pad(y.float(),(0,wd%2,0,h%2),mode='replicate').to(BF).contiguous(memory_format=CL); m,c,h,wd=y.shape
                        p=new(m,c,h//2+2,wd//2+2); K.pool_pad(ptr(y),ptr(p),L(m),L(h),L(wd),L(c))
                    w,_,b=W_[n]; y=F.conv2d(p,w,b)
                p=relu_pad(y); keep[n]=y
                if n==last: break
        ctx.keep=keep; ctx.last=last
        return tuple(keep[n] for n in want)
    @staticmethod
    def backward(ctx,*gs):
        ex={n:g.contiguous(memory_format=CL) for n,g in zip(ctx.want,gs)}; keep=ctx.keep
        i=NAMES.index(ctx.last); y=keep[ctx.last]
        g=ex[ctx.last]*(y>0)
        g=g.contiguous(memory_format=CL)
        while i>0:
            n,prev=NAMES[i],NAMES[i-1]; yp=keep[prev]
            gp=F.conv2d(g,W_[n][1],padding=2)
            if n[2]=='1':
                q=fold(gp,None,None); m,c,h,w=yp.shape; g=new(m,c,h,w); K.unpool(ptr(q),ptr(ex.get(prev)),ptr(yp),ptr(g),L(m),L(h),L(w),L(c))
            else: g=fold(gp,ex.get(prev),yp)
            i-=1
        gp=F.conv2d(g.float(),W_['1_1'][1],padding=2)
        gp[:,:,:,2]+=gp[:,:,:,0]; gp[:,:,:,-3]+=gp[:,:,:,-1]; gp=gp[:,:,:,1:-1]
        gp[:,:,2]+=gp[:,:,0]; gp[:,:,-3]+=gp[:,:,-1]
        ctx.keep=None
        return (gp[:,:,1:-1],)+(None,)*len(ctx.want)
def vgg(x,want):
    if not W_: prepare()
    return dict(zip(want,Feats.apply(x,*want)))
class VGG:
    def __call__(s,x,want): return vgg(x,want)
