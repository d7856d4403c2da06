// Talking to the Field API. Three outcomes: an answer; Stop (nothing more can be sent now); Bad (this record only).

import { learn } from "./clock.js";
import { settings } from "./settings.js";

/** The whole queue must wait. `why` is "signal", "ended" (scan again) or "revoked" (ask the walk lead). */
export class Stop extends Error {
  constructor(why, { seconds = 0, code = "" } = {}) {
    super(why);
    Object.assign(this, { why, seconds, code });
  }
}

/** The server understood and refuses this record; the others go on. `words` is its sentence. */
export class Bad extends Error {
  constructor(status, errors) {
    const words = errors.map((error) => error.message).join(" ");
    super(words);
    Object.assign(this, { status, errors, words });
  }
}

const TO_BE_TRIED_AGAIN = new Set([408, 425, 429]);

async function ask(path, { token, timeout, headers = {}, ...options }) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeout);
  const bearer = token ? { Authorization: `Bearer ${token}` } : {};
  try {
    const response = await fetch(settings.api + path, {
      ...options,
      headers: { ...bearer, "Accept-Language": settings.language, ...headers },
      signal: abort.signal,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    });
    const body = response.status === 304 ? null : await response.json().catch(() => null);
    return { response, body };
  } catch {
    throw new Stop("signal");
  } finally {
    clearTimeout(timer);
  }
}

/** One call. Resolves with {status, body, etag}; throws Stop or Bad. A 200 without our marker is no success (captive portal). */
export async function call(path, options) {
  const { response, body } = await ask(path, { timeout: 20000, ...options });
  const { status } = response;
  const etag = response.headers.get("ETag");
  if (status === 304) return { status, body: null, etag };
  const ours = body?.saferoutes === 1;
  if (ours) learn(body.server_time);
  if (status >= 500 || TO_BE_TRIED_AGAIN.has(status) || !ours) {
    throw new Stop("signal", { seconds: Number(response.headers.get("Retry-After")) || 0 });
  }
  if (response.ok) return { status, body, etag };
  const errors = body.errors || [];
  if (options.token && status === 401) throw new Stop("ended", { code: errors[0]?.code });
  if (options.token && status === 403) throw new Stop("revoked", { code: errors[0]?.code });
  throw new Bad(status, errors);
}

export const putJson = (path, token, body) =>
  call(path, { method: "PUT", token, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });

export const postJson = (path, token, body) =>
  call(path, { method: "POST", token, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });

export const putPhoto = (path, token, photo) =>
  call(path, {
    method: "PUT",
    token,
    body: photo.bytes,
    headers: { "Content-Type": photo.type, "X-Content-SHA256": photo.sha256 },
    timeout: 30000 + photo.bytes.byteLength / 5, // 5 bytes a millisecond: 40 kbit/s
  });
