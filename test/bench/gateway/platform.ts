import { createServer } from 'node:http';

/** A platform that takes every message at once. Prints its port. */
let sends = 0;
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    sends += 1;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      `{"messaging_product":"whatsapp","contacts":[{"input":"x","wa_id":"4915112345678"}],"messages":[{"id":"wamid.${sends}"}]}`,
    );
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`port ${typeof address === 'object' ? address?.port : ''}\n`);
});
