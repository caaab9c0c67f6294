import sys,re,html,subprocess,tempfile,os
text=sys.stdin.read(); out=sys.argv[1]; cols=int(sys.argv[2]); rows=int(sys.argv[3])
def c256(n):
    base=['#000','#cd3131','#0dbc79','#e5e510','#2472c8','#bc3fbc','#11a8cd','#e5e5e5','#666','#f14c4c','#23d18b','#f5f543','#3b8eea','#d670d6','#29b8db','#fff']
    if n<16: return base[n]
    if n>=232: v=8+(n-232)*10; return '#%02x%02x%02x'%(v,v,v)
    n-=16; f=lambda i:0 if i==0 else 55+40*i
    return '#%02x%02x%02x'%(f(n//36),f(n//6%6),f(n%6))
FG,BG='#d0d0d0','#101214'
st={}
def span(s):
    fg=st.get('fg') or FG; bg=st.get('bg') or BG
    if st.get('rev'): fg,bg=bg,fg
    if st.get('dim'): fg='#777'
    return '<span style="color:%s;background:%s;%s">%s</span>'%(fg,bg,'font-weight:bold' if st.get('b') else '',html.escape(s))
res=''
for part in re.split(r'(\x1b\[[0-9;]*m|\x0e|\x0f)',text):
    m=re.match(r'\x1b\[([0-9;]*)m',part)
    if not m:
        if part and part not in '\x0e\x0f': res+=span(part)
        continue
    a=[int(x or 0) for x in m[1].split(';')]; i=0
    while i<len(a):
        x=a[i]
        if x==0: st={}
        elif x==1: st['b']=1
        elif x==2: st['dim']=1
        elif x==7: st['rev']=1
        elif x==22: st.pop('b',0); st.pop('dim',0)
        elif x==27: st.pop('rev',0)
        elif x==38 and a[i+1]==5: st['fg']=c256(a[i+2]); i+=2
        elif x==48 and a[i+1]==5: st['bg']=c256(a[i+2]); i+=2
        elif x==39: st.pop('fg',0)
        elif x==49: st.pop('bg',0)
        elif 30<=x<38: st['fg']=c256(x-30)
        elif 90<=x<98: st['fg']=c256(x-82)
        i+=1
w=int(cols*8.43+16); h=rows*17+16
page='<meta charset=utf-8><body style="margin:0;background:%s"><pre style="margin:8px;font:14px/17px \'DejaVu Sans Mono\',monospace">%s</pre>'%(BG,res)
f='/tmp/h/p3/ansi.html'; open(f,'w').write(page)
d=tempfile.mkdtemp()
subprocess.run(['chromium','--headless','--no-sandbox','--disable-gpu','--disable-quic','--no-first-run','--disable-background-networking','--disable-component-update','--disable-sync','--hide-scrollbars','--user-data-dir='+d,'--window-size=%d,%d'%(w,h),'--screenshot='+out,'file://'+f],stderr=subprocess.DEVNULL,stdout=subprocess.DEVNULL)
