# Makes sklearn.json, what pkg/eval is compared with: python3 gen_sklearn.py, with numpy and scikit-learn installed.
import json, numpy as np, sklearn
from sklearn.metrics import adjusted_mutual_info_score as ami, normalized_mutual_info_score as nmi, roc_auc_score, roc_curve, average_precision_score
r=np.random.default_rng(7)
lab=[]
for n,a,b in [(40,4,4),(60,10,3),(30,1,5),(12,12,12),(25,5,25),(200,8,8)]:
    x=r.integers(0,a,n); y=r.integers(0,b,n)
    if n==200: y=np.where(r.random(200)<.8,x,y)
    if n==12: x=np.arange(12); y=np.arange(12)[::-1]
    if (n,b)==(25,25): y=np.arange(25)
    lab.append(dict(x=x.tolist(),y=y.tolist(),ami=float(ami(x,y)),nmi=float(nmi(x,y))))
roc=[]
for n,ties,shift in [(50,False,1.0),(300,True,.7),(80,True,0.),(60,False,5.0)]:
    same=r.random(n)<.3; same[0]=True; same[1]=False
    s=r.normal(size=n)+shift*same
    if ties: s=np.round(s*4)/4
    fpr,tpr,thr=roc_curve(same,s,drop_intermediate=False)
    g=fpr-(1-tpr); i=int(np.argmax(g>=0)); t=-g[i-1]/(g[i]-g[i-1])
    eer=fpr[i-1]+t*(fpr[i]-fpr[i-1])
    at={str(f): float(tpr[fpr<=f].max()) for f in (.5,.1,.05)}
    roc.append(dict(similarity=s.tolist(),same=same.tolist(),auc=float(roc_auc_score(same,s)),eer=float(eer),tar=at,points=len(fpr)))
# re-identification with cameras, by average_precision_score without ties, and CMC
d,ids,cams=5,6,3
Q=r.normal(size=(14,d)); ql=r.integers(0,ids,14); qc=r.integers(0,cams,14)
G=r.normal(size=(60,d)); gl=r.integers(0,ids,60); gc=r.integers(0,cams,60)
Q=np.round(Q*64)/64; G=np.round(G*64)/64
C=r.normal(size=(ids,d)); Q=np.round((Q+C[ql])*64)/64; G=np.round((G+C[gl])*64)/64
aps=[];cmc={1:[],5:[]}
for i in range(14):
    keep=~((gl==ql[i])&(gc==qc[i])); rel=(gl[keep]==ql[i])
    dist=((G[keep]-Q[i])**2).sum(1)
    if not rel.any(): continue
    aps.append(average_precision_score(rel,-dist)); o=np.argsort(dist,kind='stable'); first=int(np.argmax(rel[o]))
    for k in cmc: cmc[k].append(first<k)
reid=dict(dim=d,queries=Q.ravel().tolist(),query_labels=ql.tolist(),query_cameras=qc.tolist(),gallery=G.ravel().tolist(),gallery_labels=gl.tolist(),gallery_cameras=gc.tolist(),map=float(np.mean(aps)),cmc={str(k):float(np.mean(v)) for k,v in cmc.items()},queries_counted=len(aps))
json.dump(dict(about=f"scikit-learn {sklearn.__version__}, numpy {np.__version__}; made by gen_sklearn.py",labellings=lab,roc=roc,reid=reid),open('sklearn.json','w'))
