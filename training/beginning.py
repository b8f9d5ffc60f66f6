"""beginning.py CHECKPOINT OUT.safetensors: the parameters of a network in stylecast's order, for --from and preset.mjs."""
import os,sys; sys.path.insert(0,os.path.dirname(os.path.abspath(__file__))); import torch,json,struct,numpy as np
from net import Net
z=torch.load(sys.argv[1],map_location='cpu'); A=z['args']; net=Net(A['tier'],1,A['see'],quarter=A.get('quarter',0)); net.load_state_dict(z['net'])
v=np.concatenate([net.g(n).detach().numpy().reshape(-1) for n in net.order]).astype('<f4')
h=json.dumps({'parameters':{'dtype':'F32','shape':[len(v)],'data_offsets':[0,v.nbytes]}}).encode(); h+=b' '*(-len(h)%8)
open(sys.argv[2],'wb').write(struct.pack('<Q',len(h))+h+v.tobytes())
print(json.dumps({'tier':A['tier'],'steps':z['state'].get('all',z['state']['step']),'seed':A['seed'],'size':A['size'],'photographs':z['state'].get('photographs',A['pool'])}))
