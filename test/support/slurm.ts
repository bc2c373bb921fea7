import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const programs = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'scontrol', 'squeue'];

/** Why there can be no Slurm here, or nothing: Debian's packages slurm-wlm and munge, and root for slurmd. */
export function whyNoSlurm(): string | undefined {
  const missing = programs.filter((name) => !pathOf(name));
  if (missing.length > 0) return `${missing.join(', ')} not installed (Debian: slurm-wlm and munge)`;
  return process.getuid?.() === 0 ? undefined : 'slurmd must be started by root';
}

function pathOf(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, program)).find(existsSync);
}

export interface Slurm {
  /** SLURM_CONF of its commands. */
  conf: string;
  /** Runs one of its commands and returns what it prints. */
  command(name: string, ...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts a Slurm of one node on loopback: munged, slurmctld and slurmd with keys, ports, state and logs of
 * their own in a temporary folder. It needs no systemd, no cgroups and no database.
 */
export async function startSlurm(): Promise<Slurm> {
  const folder = mkdtempSync(join(tmpdir(), 'slurm-'));
  const at = (name: string) => join(folder, name);
  const env = { ...process.env, SLURM_CONF: at('slurm.conf') };
  for (const name of ['state', 'spool']) mkdirSync(at(name));
  writeFileSync(at('munge.key'), randomBytes(1024), { mode: 0o600 });
  writeFileSync(at('slurm.conf'), configuration(folder, await freePort(), await freePort()));
  // slurmd 22 asks for the plugin though nothing uses it; below an empty folder it does nothing.
  writeFileSync(
    at('cgroup.conf'),
    `CgroupPlugin=cgroup/v1\nCgroupMountpoint=${at('cgroup')}\nCgroupAutomount=no\n`,
  );
  const run = (name: string, ...args: string[]) =>
    void execFileSync(pathOf(name)!, args, { env, stdio: 'ignore', timeout: 60_000 });
  const command = async (name: string, ...args: string[]) =>
    (await promisify(execFile)(pathOf(name)!, args, { env, timeout: 60_000 })).stdout.trim();
  const stop = async () => {
    for (const name of ['slurmd', 'slurmctld', 'munged']) await end(at(`${name}.pid`));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    run(
      'munged',
      ...['--force', `--key-file=${at('munge.key')}`, `--socket=${at('munge.socket')}`],
      ...[
        `--pid-file=${at('munged.pid')}`,
        `--log-file=${at('munged.log')}`,
        `--seed-file=${at('munge.seed')}`,
      ],
    );
    run('slurmctld', '-f', env.SLURM_CONF);
    run('slurmd', '-f', env.SLURM_CONF, '-N', hostname());
    while (!/idle/.test(await command('sinfo', '-h', '-o', '%t'))) await sleep(200);
    return { conf: env.SLURM_CONF, command, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configuration(folder: string, controlPort: number, nodePort: number): string {
  return `ClusterName=test
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmUser=root
SlurmctldPort=${controlPort}
SlurmdPort=${nodePort}
AuthType=auth/munge
# A requeued job waits until its old credential is no longer valid: two minutes without cred_expire.
AuthInfo=socket=${folder}/munge.socket,cred_expire=2
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=2,bf_interval=2
ReturnToService=2
NodeName=${hostname()} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Ends the daemon whose number is in a file, and waits until it is gone. */
async function end(pidFile: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  try {
    process.kill(pid, 'SIGTERM');
    for (let i = 0; i < 150; i++, await sleep(100)) process.kill(pid, 0);
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
