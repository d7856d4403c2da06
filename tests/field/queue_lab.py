"""What the tests of the phone's queue share: a made-up server in the page, the outbox in a worker, what is kept."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route

from tests.field.conftest import PhoneInHand

# A server of the page's own: `calls` is what was sent, `reply(call)` may answer [status, what differs in the body].
MADE_UP_SERVER = """() => {
    const asked = window.fetch;
    window.calls = [];
    window.reply = () => [201, {}];
    window.fetch = async (url, options = {}) => {
        const path = String(url).split("/field/api/")[1];
        if (path === undefined) return asked(url, options);
        const { method = "GET", headers = {}, body } = options;
        const [kind, id, , photo] = path.split("/");
        const call = { method, path, kind, id, photo, body: typeof body === "string" ? JSON.parse(body) : null };
        calls.push(call);
        const [status, more] = (await reply(call)) || [201, {}];
        if (!status) throw new TypeError("Failed to fetch");
        const now = new Date(Date.now() + (window.skew || 0)).toISOString();
        const answer = { saferoutes: 1, server_time: now, epoch: "one", safe_until: null, id, rev: call.body?.rev,
            public_id: `public-${id}`, received_at: now, state: "complete", photos: [],
            ...(photo ? { photo, sha256: headers["X-Content-SHA256"] } : {}), ...more };
        return new Response(JSON.stringify(answer), { status, headers: { "Content-Type": "application/json" } });
    };
}"""
# The modules of the page, a walk to note on, and short ways to note something and to read how far it is.
ON_A_WALK = """async () => {
    const load = (name) => import(`/static/field/${name}.js`);
    const names = ["store", "records", "outbox", "clock", "join"];
    Object.assign(window, ...(await Promise.all(names.map(load))));
    await set("walks", { id: "walk", token: "t", pack: { expires_at: "2100-01-01T00:00:00Z", walk: {} } });
    await set("meta", "walk", "current");
    window.note = (kind, body = {}, more = {}) =>
        add({ kind, walk: "walk", body: { position: {}, ...body }, ...more }, { settle: 0 });
    window.picture = (id, n = 1) => addPhoto(id, { bytes: new Uint8Array([255, 216, n]).buffer, type: "image/jpeg" });
    window.states = async () => Object.fromEntries((await all("records")).map(({ id, state }) => [id, state]));
}"""
# The outbox in a module worker, as the service worker runs it.
WORKER = """
import { settings } from "./settings.js";
import { drain } from "./outbox.js";
onmessage = async ({ data }) => {
    Object.assign(settings, data);
    postMessage(await drain());
};
"""
RUN_WORKER = """async () => {
    const worker = new Worker("/static/field/try_worker.js", { type: "module" });
    return new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message));
        worker.postMessage({ version: "1", api: "/field/api/", language: "en" });
    });
}"""
KEPT = """async () => {
    const { all, get } = await import("/static/field/store.js");
    const bare = ({ bytes, thumb, ...photo }) => ({ ...photo, n_bytes: bytes?.byteLength || 0 });
    const photos = (await all("photos")).map(bare);
    const current = (await get("meta", "current")) || "";
    return { records: await all("records"), photos, walks: await all("walks"), current };
}"""


def kept(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(KEPT)
    return found


def let_workers_in(phone: PhoneInHand) -> None:
    phone.context.route(
        "**/static/field/try_worker.js", lambda route: route.fulfill(content_type="text/javascript", body=WORKER)
    )


def refuse(field: str, message: str, status: int = 400) -> Callable[[Route], None]:
    errors = [{"field": field, "code": "made_up", "message": message}]
    return lambda route: route.fulfill(status=status, json={"saferoutes": 1, "errors": errors})
