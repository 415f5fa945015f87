// A server of Node's ssh2 for one connection, on standard input; its argument is the site file.
'use strict';

const fs = require('fs');
const net = require('net');
const path = require('path');

const modules = path.join(__dirname, '../../target/servers/node/node_modules');
const { Server, utils } = require(path.join(modules, 'ssh2'));

const site = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const keys = site.keys.map((line) => utils.parseKey(line));
const host = site.client_host;
const hostKeys = host ? host.keys.map((line) => utils.parseKey(line)) : [];
let step = 0;
let changes = site.password_changes;

const known = (list, ctx) => list.find((key) => key.getPublicSSH().equals(ctx.key.data));
const verified = (key, ctx) => key.verify(ctx.blob, ctx.signature, ctx.hashAlgo) === true;

function fail(ctx) {
  ctx.reject(site.steps[step], false);
}

function succeed(ctx) {
  if (step + 1 === site.steps.length) {
    ctx.accept();
    return;
  }
  step += 1;
  ctx.reject(site.steps[step], true);
}

function publickey(ctx) {
  const key = known(keys, ctx);
  if (!key) fail(ctx);
  else if (!ctx.signature) ctx.accept();
  else if (verified(key, ctx)) succeed(ctx);
  else fail(ctx);
}

function password(ctx) {
  if (ctx.password !== site.password) {
    fail(ctx);
    return;
  }
  if (!changes) {
    succeed(ctx);
    return;
  }
  const demand = (text) => ctx.requestChange(text, () => {
    changes -= 1;
    // The library takes one change request at a time, and none after it.
    succeed(ctx);
  });
  demand('Your password has expired.');
}

function interactive(ctx, round) {
  const asked = site.rounds[round];
  const prompts = asked.questions.map(({ prompt, echo }) => ({ prompt, echo }));
  ctx.prompt(prompts, asked.name, asked.instruction, (answers) => {
    if (answers instanceof Error) return;
    const right = asked.questions.every(({ answer }, i) => answer === answers[i]);
    if (!right || answers.length !== prompts.length) fail(ctx);
    else if (round + 1 < site.rounds.length) interactive(ctx, round + 1);
    else succeed(ctx);
  });
}

function hostbased(ctx) {
  const key = known(hostKeys, ctx);
  const named = ctx.localHostname === host.name && ctx.localUsername === host.user;
  if (key && named && verified(key, ctx)) succeed(ctx);
  else fail(ctx);
}

function authenticate(ctx) {
  if (ctx.username !== site.user || !site.steps[step].includes(ctx.method)) fail(ctx);
  else if (ctx.method === 'publickey') publickey(ctx);
  else if (ctx.method === 'password') password(ctx);
  else if (ctx.method === 'keyboard-interactive') interactive(ctx, 0);
  else if (ctx.method === 'hostbased') hostbased(ctx);
  else fail(ctx);
}

function serve(session) {
  session.on('exec', (accept) => {
    const stream = accept();
    stream.write('42\n');
    stream.exit(0);
    stream.end();
  });
}

const config = {
  hostKeys: [fs.readFileSync(site.host_key)],
  banner: site.banner || undefined,
  debug: (line) => console.error(line),
};
const server = new Server(config, (client) => {
  client.on('authentication', authenticate);
  client.on('ready', () => client.on('session', (accept) => serve(accept())));
  client.on('error', (error) => console.error(`the connection ended: ${error}`));
  client.on('close', () => process.exit(0));
});
server.injectSocket(new net.Socket({ fd: 0, readable: true, writable: true }));
