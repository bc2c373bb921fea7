import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { InputError } from '../errors.js';
import { hashFile } from '../files/checksum.js';
import { runClient, type Client } from './client.js';
import type { Delivery, Transfer } from './transfer.js';
import type { Source } from './source.js';
import { unpack } from './unpack.js';

const elsewhere = 'or get the file on another machine and fetch it by its path';
const maven: Client = {
  commands: [['mvn']],
  missing: `mvn is not installed: install Maven, ${elsewhere}`,
};
const npm: Client = { commands: [['npm']], missing: `npm is not installed: install it, ${elsewhere}` };
const pip: Client = {
  commands: [['pip'], ['pip3'], ['python3', '-m', 'pip']],
  missing: `pip is not installed: install Python with pip, ${elsewhere}`,
};

/** Lets Maven bring a jar into the local repository, verifies it as Maven noted its checksum, unpacks it. */
export async function fetchFromMaven(
  source: Source & { kind: 'maven' },
  transfer: Transfer,
): Promise<Delivery> {
  const { environment, progress } = transfer;
  const { group, name, version } = source;
  const home = join(await localRepository(environment), ...group.split('.'), name, version);
  const jar = join(home, `${name}-${version}.jar`);
  const coordinates = `${group}:${name}:${version}`;
  if (!existsSync(jar)) {
    progress.notice(`mvn fetches ${coordinates}; large artifacts take minutes`);
    const args = ['-q', '-B', 'dependency:get', '-Dtransitive=false', `-Dartifact=${coordinates}`];
    await runClient(maven, args, coordinates, transfer);
  }
  if (!existsSync(jar))
    throw new InputError(`mvn brought ${coordinates}, but ${jar} is not there; fetch the jar by its path`);
  const noted = await readFile(`${jar}.sha1`, 'utf8').catch(() => '');
  const expected = /^[0-9a-f]{40}/.exec(noted.trim())?.[0];
  if (expected && (await hashFile(jar, 'sha1')) !== expected)
    throw new InputError(`${jar} is damaged (sha1 is not ${expected}): delete ${home} and fetch again`);
  return deliver(jar, transfer);
}

/** `npm pack`: the package as it is published; none of its scripts run. */
export async function fetchFromNpm(source: Source & { kind: 'npm' }, transfer: Transfer): Promise<Delivery> {
  const what = source.version ? `${source.name}@${source.version}` : source.name;
  const downloads = await emptyFolder(transfer);
  transfer.progress.notice(`npm fetches ${what}`);
  const args = ['pack', what, '--pack-destination', downloads, '--ignore-scripts'];
  await runClient(npm, args, what, transfer);
  return deliver(await soleFile(downloads, what), transfer);
}

/** `pip download` of a wheel; source packages are not taken, since pip would run their code. */
export async function fetchFromPypi(
  source: Source & { kind: 'pypi' },
  transfer: Transfer,
): Promise<Delivery> {
  const what = source.version ? `${source.name}==${source.version}` : source.name;
  const downloads = await emptyFolder(transfer);
  transfer.progress.notice(`pip fetches ${what}`);
  const args = ['download', '--no-deps', '--only-binary', ':all:', '--dest', downloads, what];
  await runClient(pip, args, what, transfer);
  return deliver(await soleFile(downloads, what), transfer);
}

/** Where Maven keeps what it fetched: as the command line's or the user's settings say, else ~/.m2. */
async function localRepository(environment: NodeJS.ProcessEnv): Promise<string> {
  const home = join(environment.HOME || homedir(), '.m2');
  const options = `${environment.MAVEN_ARGS ?? ''} ${environment.MAVEN_OPTS ?? ''}`;
  const given = /-Dmaven\.repo\.local=("[^"]+"|\S+)/.exec(options)?.[1]?.replaceAll('"', '');
  if (given) return given;
  const settings = await readFile(join(home, 'settings.xml'), 'utf8').catch(() => '');
  const configured = /<localRepository>\s*([^<]+?)\s*<\/localRepository>/.exec(
    settings.replace(/<!--[^]*?-->/g, ''),
  )?.[1];
  return configured?.replace('${user.home}', environment.HOME || homedir()) ?? join(home, 'repository');
}

async function deliver(archive: string, { work, progress }: Transfer): Promise<Delivery> {
  const folder = join(work, 'unpacked');
  await rm(folder, { recursive: true, force: true });
  await unpack(archive, folder, progress);
  return { folder, resolved: basename(archive), size: (await stat(archive)).size };
}

async function emptyFolder({ work }: Transfer): Promise<string> {
  const folder = join(work, 'downloads');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

async function soleFile(folder: string, what: string): Promise<string> {
  const files = await readdir(folder);
  if (files.length !== 1) throw new InputError(`${what}: one file was expected, ${files.length} came`);
  return join(folder, files[0]!);
}
