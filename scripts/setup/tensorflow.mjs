import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { SetupError, again, logTail, native, readJson, root, run, say, writeJson } from './shell.mjs';

export const TENSORFLOW = '2.21.0';

/** The Python environment of a flavour, 'cuda' or 'cpu'. */
export const environmentOf = (flavour) => path.join(native, `tensorflow-${flavour}`);

/** Returns the site-packages folder that holds TensorFlow, which pip installs there where it is missing. */
export function installTensorflow(flavour) {
  const venv = environmentOf(flavour);
  const python = path.join(venv, 'bin', 'python');
  const done = path.join(venv, 'installed.json');
  const sites = () =>
    fs.existsSync(path.join(venv, 'lib'))
      ? fs.readdirSync(path.join(venv, 'lib')).map((name) => path.join(venv, 'lib', name, 'site-packages'))
      : [];
  const library = (site) => path.join(site, 'tensorflow', 'libtensorflow_cc.so.2');
  const installed = sites().find((site) => fs.existsSync(library(site)));
  if (installed && readJson(done)?.tensorflow === TENSORFLOW) return installed;

  const system = findPython();
  say(`Making a Python environment in ${path.relative(root, venv)}`);
  if (!run(system, ['-m', 'venv', '--clear', venv]))
    throw new SetupError(`Python could not make a virtual environment. ${logTail()}`);
  const name = packageOf(flavour);
  say(
    `Installing ${name} with pip (${flavour === 'cuda' ? 'about 3 GB' : 'about 250 MB'}; log: .native/setup.log)`,
  );
  // The CPU library stands alone: Python's side of TensorFlow, and what that needs, is never run.
  const scope = flavour === 'cuda' ? [] : ['--no-deps'];
  const options = ['--disable-pip-version-check', '--no-input', '--retries=2', ...scope];
  if (!run(python, ['-m', 'pip', 'install', ...options, name]))
    throw new SetupError(
      `pip could not install ${name} (is a package index reachable, and enough disk free?). ${logTail()}`,
      true,
    );
  const site = sites().find((folder) => fs.existsSync(library(folder)));
  if (!site)
    throw new SetupError(`pip's ${name} has no libtensorflow_cc.so.2: no engine can be built on it.`);
  writeJson(done, { tensorflow: TENSORFLOW });
  return site;
}

/** A Python that TensorFlow has wheels for and that can make virtual environments. */
function findPython() {
  const probe = `import sys, importlib.util as modules
print("%d.%d" % sys.version_info[:2])
print(all(modules.find_spec(name) for name in ("venv", "ensurepip")))`;
  const names = [process.env.PYTHON, 'python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
  const seen = [];
  for (const name of names.filter(Boolean)) {
    const result = spawnSync(name, ['-c', probe], { encoding: 'utf8', timeout: 60_000 });
    if (result.status !== 0) continue;
    const [version, venv] = result.stdout.trim().split('\n');
    const minor = Number(version.split('.')[1]);
    if (!version.startsWith('3.') || minor < 10 || minor > 13) seen.push(`${name} is ${version}`);
    else if (venv !== 'True') seen.push(`${name} (${version}) lacks venv`);
    else return name;
  }
  const found = seen.length ? `here ${seen.join(', ')}` : 'none was found';
  throw new SetupError(
    `It needs Python 3.10 to 3.13 with venv and pip, and ${found}: install it (on Debian and Ubuntu: apt install python3 python3-venv) or name one in the variable PYTHON, then ${again}.`,
  );
}

const packageOf = (flavour) =>
  flavour === 'cuda'
    ? `tensorflow[and-cuda]==${TENSORFLOW}`
    : `${process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow'}==${TENSORFLOW}`;
