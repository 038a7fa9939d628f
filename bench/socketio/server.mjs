// Socket.IO rooms, to compare with: one process, no adapter, nothing stored.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer((request, response) => response.end('ready'));
const io = new Server(http, { transports: ['websocket'] });

io.on('connection', socket => {
  socket.on('join', (room, joined) => {
    socket.join(room);
    joined('ok');
  });
  // The same members as the messages it is compared with.
  socket.on('send', (room, text) => io.to(room).emit('messageCreated', {
    channel: room, epoch: 1, seq: 1, id: randomUUID(), author: socket.id, authorName: 'somebody', text, createdAt: new Date(), clientMessageId: randomUUID(),
  }));
});

http.listen(Number(process.argv[2]), '127.0.0.1');
