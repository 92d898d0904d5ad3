// Counts each line of a file and the whole of it with npm's gpt-tokenizer: the peer of skein's tokens.
//   node tokens_gpt_tokenizer.mjs ENCODING FILE lines   a count per line (UTF-8, cut at LF)
//   node tokens_gpt_tokenizer.mjs ENCODING FILE ids     the ranks of each line, separated by commas
//   node tokens_gpt_tokenizer.mjs ENCODING FILE whole   "TOKENS SECONDS": the whole file at once, the first time
import { readFileSync } from 'node:fs';
const [encoding, file, what] = process.argv.slice(2);
const { encode } = await import(`gpt-tokenizer/encoding/${encoding}`);
const plain = { allowedSpecial: new Set(), disallowedSpecial: new Set() };
const text = readFileSync(file, 'utf8');
if (what === 'whole') {
  const started = process.hrtime.bigint();
  const tokens = encode(text, plain).length;
  console.log(tokens, Number(process.hrtime.bigint() - started) / 1e9);
} else {
  const out = [];
  for (const line of text.split('\n')) out.push(what === 'ids' ? encode(line, plain).join(',') : encode(line, plain).length);
  process.stdout.write(out.join('\n') + '\n');
}
