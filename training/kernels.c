// gcc -O3 -march=native -fopenmp -shared -fPIC kernels.c -o k.so ; bf16 as uint16, NHWC, one picture after the other
#include <stdint.h>
#include <string.h>
typedef uint16_t u; typedef int16_t i16;
static inline float f(u a){ uint32_t x=(uint32_t)a<<16; float r; memcpy(&r,&x,4); return r; }
static inline u b(float a){ uint32_t x; memcpy(&x,&a,4); x+=0x7fff+((x>>16)&1); return x>>16; }
// relu in place and padded copy (reflect 1): y [n,h,w,c] -> p [n,h+2,w+2,c]
void relu_pad(u*y,u*p,long n,long h,long w,long c,int relu){
  #pragma omp parallel for collapse(2) schedule(static)
  for(long k=0;k<n;k++) for(long r=0;r<h;r++){
    i16*row=(i16*)y+((k*h+r)*w)*c; long m=w*c; if(relu) for(long i=0;i<m;i++) row[i]=row[i]>0?row[i]:0;
    u*d=p+((k*(h+2)+r+1)*(w+2)+1)*c; memcpy(d,row,m*2); memcpy(d-c,row+c,c*2); memcpy(d+m,row+m-2*c,c*2);
  }
  for(long k=0;k<n;k++){ u*q=p+k*(h+2)*(w+2)*c; long m=(w+2)*c; memcpy(q,q+2*m,m*2); memcpy(q+(h+1)*m,q+(h-1)*m,m*2); }
}
// gp [n,h+2,w+2,c] folded to [n,h,w,c], plus extra (or 0), times (y>0) (or all where y is 0) -> o
void fold_mask(u*gp,u*extra,u*y,u*o,long n,long h,long w,long c){
  #pragma omp parallel for collapse(2) schedule(static)
  for(long k=0;k<n;k++) for(long r=0;r<h;r++){
    long m=w*c; u*base=gp+k*(h+2)*(w+2)*c; long W=(w+2)*c;
    u*rows[3]; int nr=0; rows[nr++]=base+(r+1)*W; if(r==1) rows[nr++]=base; if(r==h-2) rows[nr++]=base+(h+1)*W;
    u*e=extra?extra+((k*h+r)*w)*c:0; i16*yy=y?(i16*)y+((k*h+r)*w)*c:0; u*d=o+((k*h+r)*w)*c;
    if(nr==1){
      u*s=rows[0]+c;
      for(int side=0;side<2;side++){ u*to=side?s+(w-2)*c:s+c; u*from=side?s+w*c:s-c; for(long i=0;i<c;i++) to[i]=b(f(to[i])+f(from[i])); }
      if(e&&yy) for(long i=0;i<m;i++) d[i]=yy[i]>0?b(f(s[i])+f(e[i])):0;
      else if(yy) for(long i=0;i<m;i++) d[i]=yy[i]>0?s[i]:0;
      else if(e) for(long i=0;i<m;i++) d[i]=b(f(s[i])+f(e[i]));
      else memcpy(d,s,m*2);
    } else for(long x=0;x<w;x++) for(long i=0;i<c;i++){
      float a=0; for(int q=0;q<nr;q++){ u*s=rows[q]+c; a+=f(s[x*c+i]); if(x==1) a+=f(s[-c+i]); if(x==w-2) a+=f(s[w*c+i]); }
      long j=x*c+i; if(e) a+=f(e[j]); d[j]=(!yy||yy[j]>0)?b(a):0;
    }
  }
}
// 2x2 max pooling of relu'd y (even h, w) straight into a padded p [n,h/2+2,w/2+2,c]
void pool_pad(u*y,u*p,long n,long h,long w,long c){
  long H=h/2,W=w/2;
  #pragma omp parallel for collapse(2) schedule(static)
  for(long k=0;k<n;k++) for(long r=0;r<H;r++){
    u*d=p+((k*(H+2)+r+1)*(W+2)+1)*c;
    for(long x=0;x<W;x++){ i16*a=(i16*)y+((k*h+2*r)*w+2*x)*c,*g=a+w*c; i16*o=(i16*)d+x*c;
      for(long i=0;i<c;i++){ i16 m=a[i]>a[i+c]?a[i]:a[i+c], l=g[i]>g[i+c]?g[i]:g[i+c]; o[i]=m>l?m:l; } }
    memcpy(d-c,d+c,c*2); memcpy(d+W*c,d+(W-2)*c,c*2);
  }
  for(long k=0;k<n;k++){ u*q=p+k*(H+2)*(W+2)*c; long m=(W+2)*c; memcpy(q,q+2*m,m*2); memcpy(q+(H+1)*m,q+(H-1)*m,m*2); }
}
// g [n,h/2,w/2,c] to where the maximum was (first of equals), plus extra, times (y>0)
void unpool(u*g,u*extra,u*y,u*o,long n,long h,long w,long c){
  long H=h/2,W=w/2;
  #pragma omp parallel for collapse(2) schedule(static)
  for(long k=0;k<n;k++) for(long r=0;r<H;r++) for(long x=0;x<W;x++){
    long at=((k*h+2*r)*w+2*x)*c; i16*Y=(i16*)y+at; u*G=g+((k*H+r)*W+x)*c; u*D=o+at; u*E=extra?extra+at:0; long s[4]={0,c,w*c,w*c+c};
    for(long i=0;i<c;i++){
      i16 a=Y[i],b1=Y[i+s[1]],c1=Y[i+s[2]],d1=Y[i+s[3]]; u v=G[i];
      i16 m=a>b1?a:b1; m=m>c1?m:c1; m=m>d1?m:d1;
      int pa=a==m, pb=!pa&&b1==m, pc=!pa&&!pb&&c1==m, pd=!pa&&!pb&&!pc; if(m<=0) v=0;
      D[i]=pa?v:0; D[i+s[1]]=pb?v:0; D[i+s[2]]=pc?v:0; D[i+s[3]]=pd?v:0;
    }
    if(E) for(int q=0;q<4;q++) for(long i=0;i<c;i++) D[i+s[q]]=Y[i+s[q]]>0?b(f(D[i+s[q]])+f(E[i+s[q]])):0;
  }
}
