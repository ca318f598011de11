// A link that carries the input behind its #, which browsers send to no server.

const MOST = 200_000; // characters of the input; a longer link is cut by what it is pasted into

/** The input of the link in the address bar; null where there is none. */
export async function read() {
  const match = /^#input=([A-Za-z0-9_-]+)$/.exec(location.hash);
  if (!match) return null;
  try {
    const packed = Uint8Array.from(atob(match[1].replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    return JSON.parse(await new Response(through(packed, new DecompressionStream("deflate-raw"), MOST * 4)).text());
  } catch {
    return null; // a link that was cut or written by hand
  }
}

/** A link to this page with *input*; null where it would be too long. */
export async function made(input) {
  const text = JSON.stringify(input);
  if (text.length > MOST) return null;
  const stream = through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  const packed = btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return new URL(`#input=${packed}`, location).href;
}

/** *bytes* through *stream*; fails where more than *most* bytes come out. */
function through(bytes, stream, most = Infinity) {
  let total = 0;
  const limit = new TransformStream({
    transform(chunk, controller) {
      total += chunk.byteLength;
      if (total > most) controller.error(new Error("too long"));
      else controller.enqueue(chunk);
    },
  });
  return new Blob([bytes]).stream().pipeThrough(stream).pipeThrough(limit);
}
