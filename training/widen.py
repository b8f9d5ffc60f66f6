"""widen.py FROM.pt TIER TO.pt: a network of a larger tier that paints nearly the same pictures, to train on from
(Net2Net, Chen 2016, arXiv 1511.05641): channels are shown more than once and what reads them shares their weight, a
little noise tells them apart, and further residual blocks begin at nothing."""
import os,sys; sys.path.insert(0,os.path.dirname(os.path.abspath(__file__)))
import torch; from net import Net,TIERS
source,tier,target=sys.argv[1:4]; torch.manual_seed(3)
ck=torch.load(source); small=ck['args']['tier']; old=Net(small); old.load_state_dict(ck['net'],strict=False); new=Net(tier,1)
(h0,q0,e0),b0=TIERS[small]; (h1,q1,e1),b1=TIERS[tier]
shown={w:torch.cat([torch.arange(a),torch.randperm(a).repeat(b//a+1)[:b-a]]) for w,a,b in(('h',h0,h1),('q',q0,q1),('e',e0,e1))}
shown['3']=torch.arange(3)
times={w:torch.bincount(m)[m].float() for w,m in shown.items()}
layers={'fine':'h3','medium':'qh','coarse':'eq','raise1':'qe','merge1':'qq','raise2':'hq','merge2':'hh'}
for n in range(1,b0+1): layers[f'body{n}.1']=layers[f'body{n}.2']='ee'
with torch.no_grad():
    for name,(o,i) in layers.items():
        w=old.g(name+'.weight')[shown[o]][:,shown[i]]/times[i].reshape(1,-1,1,1)
        new.g(name+'.weight').copy_(w+torch.randn_like(w)*w.std()*.15)
        for part in('.scale','.shift'): new.g(name+part).copy_(old.g(name+part)[shown[o]])
    new.g('paint.weight').copy_(old.g('paint.weight')[:,shown['h']]/times['h'].reshape(1,-1,1,1))
    new.g('paint.detail').copy_(old.g('paint.detail')[:,:,shown['h']]/times['h'].reshape(1,1,-1,1,1))
    new.g('paint.shift').copy_(old.g('paint.shift'))
    for n in range(b0+1,b1+1): new.g(f'body{n}.2.scale').zero_(); new.g(f'body{n}.2.shift').zero_()
    x=torch.rand(1,3,64,64); print('mean difference of the pictures',float((old(x)-new(x)).abs().mean()))
torch.save({'net':new.state_dict(),'state':{**ck['state'],'all':0},'args':{**ck['args'],'tier':tier}},target)
