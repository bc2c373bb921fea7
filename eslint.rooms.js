/**
 * The rooms of src: data moves one way, so a room imports only from those above it. Those that never load TensorFlow come
 * first, so that --help, evaluate, check, runs, compare and report start at once.
 */
export const rooms = [
  'errors',
  'context',
  'files',
  'config',
  'formats',
  'data',
  'fetch',
  'demo',
  'eval',
  'runFolder',
  'experiment',
  'compare',
  'report',
  'backend',
  'compile',
  'ops',
  'model',
  'augment',
  'normalize',
  'predict',
  'pack',
  'train',
  'run',
  'cli',
  'library',
  'index',
  'internal',
];

/** Rooms that never load TensorFlow; the last three import it with what needs it, where that is called. */
const withoutTensorflow = [...rooms.slice(0, rooms.indexOf('backend')), 'cli', 'library', 'index'];

/** Rooms that others may take along: they import nothing of this project. */
const onTheirOwn = ['compile'];

/** Forbids imports, `import()` included, whose path matches. */
function forbid(pattern, message) {
  const literal = `/${pattern.replaceAll('/', '\\u002F')}/`;
  return ['ImportDeclaration', 'ImportExpression', 'ExportNamedDeclaration', 'ExportAllDeclaration'].map(
    (node) => ({
      selector: `${node} > Literal.source[value=${literal}]`,
      message,
    }),
  );
}

const spreadPush = {
  selector: 'CallExpression[callee.property.name=/^(push|unshift)$/] > SpreadElement',
  message: 'A list of a hundred thousand is more arguments than the stack holds; add them one by one.',
};

export const literalSpread = {
  selector: 'ObjectExpression > SpreadElement > ObjectExpression',
  message: 'Write its properties where the literal is spread.',
};

/** One config per room: what its files must not import. */
export const roomRules = rooms.map((room, i) => {
  const below = rooms.slice(i + 1).join('|');
  return {
    files: [`src/${room}/**/*.ts`, `src/${room}.ts`],
    rules: {
      'no-restricted-syntax': [
        'error',
        spreadPush,
        literalSpread,
        ...(below
          ? forbid(
              `^\\.\\.?/(.*/)?(${below})/`,
              `${room} imports from no room that stands below it: see the order in eslint.rooms.js`,
            )
          : []),
        ...(onTheirOwn.includes(room)
          ? forbid('^\\.\\./', `${room} imports nothing of this project: others take it along`)
          : []),
        ...(withoutTensorflow.includes(room)
          ? forbid('^@tensorflow/', `${room} never loads TensorFlow: start-up must stay cheap`)
          : []),
      ],
    },
  };
});
