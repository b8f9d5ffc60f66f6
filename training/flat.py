import torch,torch.nn.functional as F
def flatten(x,radius=3,sigma=2.,tone=.07,times=2):
    """bilateral filter (Tomasi & Manduchi 1998): paper and canvas lose their grain, lines and edges stay. x [1,3,h,w] in [0,1]"""
    for _ in range(times):
        p=F.pad(x,(radius,)*4,mode='reflect'); h,w=x.shape[2:]; n=0; d=0
        for dy in range(2*radius+1):
            for dx in range(2*radius+1):
                q=p[:,:,dy:dy+h,dx:dx+w]; k=torch.exp(-((q-x)**2).sum(1,keepdim=True)/(2*tone**2)-((dy-radius)**2+(dx-radius)**2)/(2*sigma**2))
                n=n+k*q; d=d+k
        x=n/d
    return x
