// Asks for /healthz again and again, in a thread of its own, and posts how long each answer took, in ms.
import { parentPort, workerData } from 'node:worker_threads';

const { url, everyMs } = workerData;
for (;;) {
  const asked = performance.now();
  const answered = await fetch(`${url}/healthz`).then((response) => response.ok && response.text(), () => false);
  parentPort.postMessage(answered ? performance.now() - asked : Infinity);
  await new Promise((done) => setTimeout(done, everyMs));
}
