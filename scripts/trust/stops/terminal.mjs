/** Loaded before the program: it takes its stderr for a terminal, and draws the bars that tell in which phase it is. */
Object.defineProperty(process.stderr, 'isTTY', { value: true });
Object.defineProperty(process.stderr, 'columns', { value: 200 });
