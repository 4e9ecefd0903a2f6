import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { temporaryFolder } from '../temporary.ts';
import { type BrokerProgram, brokerProgram } from './class-path.ts';

const run = promisify(execFile);

/** A user of the SASL listener (mechanism PLAIN). Without rights until someone grants them. */
export interface BrokerUser {
  username: string;
  password: string;
}

export interface BrokerOptions {
  /** Where the broker keeps its data; a temporary folder of its own unless told. */
  dataDir?: string;
  /** Settings over those below, as in server.properties. */
  settings?: Record<string, string | number>;
  /** A second listener that tells clients to come back through this port: put a CuttableProxy there. */
  proxyPort?: number;
  /** A third listener with SASL PLAIN, and an authorizer; the plain listener may do everything. */
  users?: BrokerUser[];
  /** Whether the SASL listener speaks TLS, with a certificate made for it: see Broker.certificate. */
  tls?: boolean;
  /** Where it is one of several: see `startCluster`. */
  member?: Member;
}

/** One of the brokers of a cluster, and the control ports of all, the first broker's first. */
interface Member {
  id: number;
  control: readonly number[];
}

/** A real Apache Kafka broker (KRaft; one node, or one of a cluster) that a test owns: it can be stopped, killed and started again on the same data. */
export interface Broker {
  /** `127.0.0.1:port` of the plain listener. */
  readonly address: string;
  /** Of the listener behind the proxy: what the proxy should connect to. */
  readonly behindProxy: string;
  /** Of the listener with SASL. */
  readonly saslAddress: string;
  /** PEM of the certificate that the SASL listener shows; empty without TLS. */
  readonly certificate: string;
  readonly dataDir: string;
  /** What it printed so far: warnings and errors. */
  printed(): Promise<string>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** SIGSTOP: it keeps its connections and answers nothing; `thaw` lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Starts it again after `stop` or `kill`, on the same ports and data. Resolves when it takes connections. */
  start(): Promise<void>;
  /** Kills it and removes its data. */
  dispose(): Promise<void>;
}

const java = [
  '-Xms64m',
  '-Xmx384m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
];

/** Starts brokers that are one cluster: each may lead, and has a copy of what the others lead. One of options for each. */
export async function startCluster(brokers: readonly Omit<BrokerOptions, 'member'>[]): Promise<Broker[]> {
  const control = await freePorts(brokers.length);
  return Promise.all(brokers.map((options, n) => startBroker({ ...options, member: { id: n + 1, control } })));
}

/** Formats the storage and starts a broker on free ports: about 3 s, and some seconds more the first time. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const program = await brokerProgram();
  const { classPath, classArchive } = program;
  const ready = existsSync(classArchive);
  const recording = `${classArchive}.${process.pid}-${randomUUID().slice(0, 8)}`;
  const classes = ready ? [`-XX:SharedArchiveFile=${classArchive}`] : [];
  const folder = options.dataDir === undefined ? await temporaryFolder() : undefined;
  const dataDir = options.dataDir ?? folder?.path ?? '';
  await mkdir(dataDir, { recursive: true });
  const [plain, own, proxied, sasl] = await freePorts(4);
  const { id, control } = options.member ?? { id: 1, control: [own] };
  const config = join(dataDir, 'server.properties');
  const output = join(dataDir, 'output.log');
  const certificate = options.tls ? await makeCertificate(dataDir) : '';
  await writeFile(config, properties(dataDir, { plain, proxied, sasl }, { id, control }, options));
  await formatStorage(program, config, join(dataDir, 'data'), classes);
  await nameMember(join(dataDir, 'data'), id);

  let child: ChildProcess | undefined;
  const killAtExit = () => child?.kill('SIGKILL');
  const end = async (signal: NodeJS.Signals) => {
    if (child === undefined) return;
    // it may have ended by itself, for instance when its disk was full
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'close');
      child.kill(signal);
      await ended;
    }
    child = undefined;
  };
  const start = async () => {
    if (child !== undefined) throw new Error('the broker runs already');
    const file = openSync(output, 'a');
    const flags = ready ? classes : [`-XX:ArchiveClassesAtExit=${recording}`];
    child = spawn('java', [...java, ...flags, '-cp', classPath, 'kafka.Kafka', config], { stdio: ['ignore', file, file] });
    closeSync(file);
    process.once('exit', killAtExit);
    await untilListening(plain, child, output);
  };
  await start();
  return {
    address: `127.0.0.1:${plain}`,
    behindProxy: `127.0.0.1:${proxied}`,
    saslAddress: `127.0.0.1:${sasl}`,
    certificate,
    dataDir,
    printed: () => readFile(output, 'utf8'),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    start,
    dispose: async () => {
      await end(ready ? 'SIGKILL' : 'SIGTERM');
      // whoever comes first: the archives of one program are alike
      if (existsSync(recording)) await rename(recording, classArchive);
      process.removeListener('exit', killAtExit);
      await folder?.remove();
    },
  };
}

/**
 * Makes a folder that a broker may begin in. Kafka's tool for it is a start of Java of its own, so what it made first is copied from then
 * on: all brokers of tests have the same cluster id, and none knows of another but in `startCluster`.
 */
async function formatStorage(
  { classPath, storage }: BrokerProgram,
  config: string,
  folder: string,
  classes: string[],
): Promise<void> {
  if (existsSync(storage)) return cp(storage, folder, { recursive: true });
  // It may begin with a dash.
  const clusterId = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
  const format = ['kafka.tools.StorageTool', 'format', `--cluster-id=${clusterId}`, '-c', config];
  await run('java', [...java, ...classes, '-cp', classPath, ...format]);
  const copy = `${storage}.${process.pid}-${randomUUID().slice(0, 8)}`;
  await cp(folder, copy, { recursive: true });
  // whoever comes first
  await rename(copy, storage).catch(() => rm(copy, { recursive: true, force: true }));
}

/** Makes a formatted folder this broker's own: no two of a cluster may have the same id, or the same id of a folder. */
async function nameMember(folder: string, id: number): Promise<void> {
  const file = join(folder, 'meta.properties');
  const text = await readFile(file, 'utf8');
  const directory = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
  await writeFile(
    file,
    text.replace(/^node\.id=.*$/m, `node.id=${id}`).replace(/^directory\.id=.*$/m, `directory.id=${directory}`),
  );
}

interface Ports {
  plain: number;
  proxied: number;
  sasl: number;
}

function properties(
  dataDir: string,
  ports: Ports,
  { id, control }: Member,
  { settings, proxyPort, users, tls }: BrokerOptions,
): string {
  const listeners = [
    { name: 'PLAIN', port: ports.plain, advertised: ports.plain, protocol: 'PLAINTEXT' },
    ...(proxyPort === undefined ? [] : [{ name: 'PROXIED', port: ports.proxied, advertised: proxyPort, protocol: 'PLAINTEXT' }]),
    ...(users === undefined
      ? []
      : [{ name: 'SASL', port: ports.sasl, advertised: ports.sasl, protocol: tls ? 'SASL_SSL' : 'SASL_PLAINTEXT' }]),
  ];
  const jaas = (users ?? []).map(({ username, password }) => `user_${username}="${password}"`).join(' ');
  const lines: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': control.map((port, n) => `${n + 1}@127.0.0.1:${port}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: [
      ...listeners.map(({ name, port }) => `${name}://127.0.0.1:${port}`),
      `CONTROLLER://127.0.0.1:${control[id - 1]}`,
    ].join(','),
    'advertised.listeners': listeners.map(({ name, advertised }) => `${name}://127.0.0.1:${advertised}`).join(','),
    'listener.security.protocol.map': [
      'CONTROLLER:PLAINTEXT',
      ...listeners.map(({ name, protocol }) => `${name}:${protocol}`),
    ].join(','),
    'inter.broker.listener.name': 'PLAIN',
    'log.dirs': join(dataDir, 'data'),
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': 'false',
    // retention is looked at often, so that a test sees it at work
    'log.retention.check.interval.ms': 300,
    'log.initial.task.delay.ms': 100,
    'log.segment.delete.delay.ms': 0,
    'controlled.shutdown.enable': 'false',
    ...(users && {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
      'sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.sasl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${jaas};`,
    }),
    ...(tls && {
      'listener.name.sasl.ssl.keystore.location': join(dataDir, keyStore),
      'listener.name.sasl.ssl.keystore.type': 'PKCS12',
      'listener.name.sasl.ssl.keystore.password': storePassword,
      'listener.name.sasl.ssl.key.password': storePassword,
    }),
    ...settings,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

const keyStore = 'broker.p12';
const storePassword = 'for-tests-only';

/** A key and a certificate for 127.0.0.1, by Java's own tool. Resolves with the certificate as PEM. */
async function makeCertificate(dataDir: string): Promise<string> {
  const store = ['-keystore', join(dataDir, keyStore), '-storetype', 'PKCS12', '-storepass', storePassword, '-alias', 'broker'];
  await run('keytool', ['-genkeypair', ...store, '-keyalg', 'EC', '-dname', 'CN=broker', '-ext', 'san=ip:127.0.0.1']);
  return (await run('keytool', ['-exportcert', '-rfc', ...store])).stdout;
}

/** Ports that were free a moment ago. */
export async function freePorts(count: 4): Promise<[number, number, number, number]>;
export async function freePorts(count: number): Promise<number[]>;
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function untilListening(port: number, child: ChildProcess, output: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    const socket = connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await sleep(100);
  }
  throw new Error(`the broker did not start: ${(await readFile(output, 'utf8')).slice(-2000)}`);
}
