import sys,os
HERE=os.path.dirname(os.path.abspath(__file__)); RUNS=os.environ.get('RUNS',HERE+'/runs'); DATA=os.environ.get('DATA',HERE); sys.path.insert(0,HERE)
import torch,numpy as np,glob
from PIL import Image
from net import Net
import importlib.util
name=sys.argv[1]; out=f'{RUNS}/{name}'; torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS","2")))
z=torch.load(out+'/ck.pt'); A=z['args']; tier=eval(A['tier']) if A['tier'][0]=='(' else A['tier']
net=Net(tier,1,A['see'],quarter=A.get('quarter',0)); net.load_state_dict(z['net']); os.makedirs(out+'/ref',exist_ok=True)
if 'stats' in z: net.stats=z['stats']; net.folded=True
srcs=sorted(glob.glob(DATA+'/reference/sources/*.jpg')); pics={}
def paint(im):
    x=torch.from_numpy(np.asarray(im).astype('f4')/255).permute(2,0,1)[None]; h,w=x.shape[2:]; H,W=-(-h//8)*8,-(-w//8)*8
    x=torch.nn.functional.pad(x,(0,W-w,0,H-h),mode='reflect')
    with torch.no_grad(): y=net(x)[0,:,:h,:w].clamp(0,1)
    return Image.fromarray((y.permute(1,2,0).numpy()*255+.5).astype('u1'))
if __name__=='__main__':
    for f in srcs:
        n=os.path.basename(f)[:-4]; pics[n]=paint(Image.open(f).convert('RGB')); pics[n].save(f'{out}/ref/{n}.png')
    sel=['face-001','portrait','signing_want','castle','city_night','pedestrians']
    H=330; row=[pics[n].resize((round(pics[n].width*H/pics[n].height),H),Image.LANCZOS) for n in sel]
    def sheet(rows):
        Wd=max(sum(i.width for i in r) for r in rows); s=Image.new('RGB',(Wd,H*len(rows)))
        for j,r in enumerate(rows):
            x=0
            for i in r: s.paste(i,(x,j*H)); x+=i.width
        return s
    sheet([row[:3],row[3:]]).save(out+'/sheet.png')
    st=A['style'] if '/' in A['style'] else f"{DATA}/data/styles/{A['style']}.jpg"
    os.system(f"{sys.executable} {HERE}/light_colour.py {DATA}/reference/sources {out}/ref | cut -c1-80 | tee {out}/lc.txt"); os.system(f"{sys.executable} {DATA}/tools/measure.py {DATA}/data/vgg19-normalised-relu5_1.safetensors {st} {DATA}/reference/sources {out}/ref | tee {out}/measure.txt")
