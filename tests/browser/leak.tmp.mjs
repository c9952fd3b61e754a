import { startHost } from "./host.js";
import { startBrowser } from "./harness.js";
import fs from "node:fs";
const t={after(){}};
const { page, context } = await startHost(t, `<div id="a"></div>`);
const cdp = await context.newCDPSession(page);
await cdp.send("HeapProfiler.enable");
await page.evaluate(async () => { for (let i=0;i<10;i++){ const one = mount(document.getElementById("a"), "Mary Jones works for Acme Corp."); await new Promise(r=>setTimeout(r,60)); one.unmount(); one.free(); } });
await page.waitForTimeout(500);
for (let i=0;i<3;i++) await cdp.send("HeapProfiler.collectGarbage");
let chunks=[]; cdp.on("HeapProfiler.addHeapSnapshotChunk", e=>chunks.push(e.chunk));
await cdp.send("HeapProfiler.takeHeapSnapshot",{reportProgress:false});
const snap=JSON.parse(chunks.join(""));
const {nodes,edges,strings}=snap; const m=snap.snapshot.meta; const nf=m.node_fields.length, ef=m.edge_fields.length;
const iType=m.node_fields.indexOf("type"), iName=m.node_fields.indexOf("name"), iEdge=m.node_fields.indexOf("edge_count"), iDet=m.node_fields.indexOf("detachedness");
const names=i=>strings[nodes[i*nf+iName]];
const N=nodes.length/nf; const firstEdge=[]; let e=0; for(let i=0;i<N;i++){firstEdge.push(e); e+=nodes[i*nf+iEdge];}
const ret=new Map(); for(let i=0;i<N;i++){ for(let k=0;k<nodes[i*nf+iEdge];k++){ const off=(firstEdge[i]+k)*ef; const to=edges[off+2]/nf; const et=m.edge_types[0][edges[off]]; const nm= et==="element"||et==="hidden"? "["+edges[off+1]+"]" : strings[edges[off+1]]; if(et==="weak") continue; if(!ret.has(to)) ret.set(to,[]); ret.get(to).push([i,nm]); } }
const count={}; const det=[]; for(let i=0;i<N;i++){ const n=names(i); if(nodes[i*nf+iDet]===2||/^Detached/.test(n)){count[n]=(count[n]??0)+1; det.push(i);} }
console.log(count);
const show=(i,d,seen)=>{ if(d>6||seen.has(i))return; seen.add(i); for(const [r,nm] of (ret.get(i)??[]).slice(0,4)){ console.log(" ".repeat(d*2)+nm+" <- "+names(r).slice(0,80)); show(r,d+1,seen);} };
const first=det.find(i=>/div/i.test(names(i))); if(first!==undefined){console.log(names(first)); show(first,0,new Set());}
await (await startBrowser()).close(); process.exit(0);
