// Passkeys: ask the browser for one and send its answer with the form. Without them it is said why.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const words = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// A passkey belongs to a name; an address of numbers has none.
const isAble = Boolean(window.PublicKeyCredential && navigator.credentials) && !/^[\d.]+$|:/.test(location.hostname);

const opened = (options) => ({
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: options.excludeCredentials.map(withBytes) }),
    ...(options.allowCredentials && { allowCredentials: options.allowCredentials.map(withBytes) }),
});
const withBytes = (known) => ({ ...known, id: bytes(known.id) });

const written = (credential) => {
    const answer = credential.response;
    const parts = { clientDataJSON: words(answer.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
        if (answer[name]) parts[name] = words(answer[name]);
    }
    if (answer.getTransports) parts.transports = answer.getTransports();
    return JSON.stringify({
        id: credential.id,
        rawId: words(credential.rawId),
        type: credential.type,
        authenticatorAttachment: credential.authenticatorAttachment,
        clientExtensionResults: credential.getClientExtensionResults(),
        response: parts,
    });
};

const told = () => JSON.parse(document.getElementById("khoa-truy-cap").textContent);

const asked = {
    "log-in": async (form) => {
        const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error("no options");
        const { request_options: options } = await answer.json();
        return navigator.credentials.get({ publicKey: opened(options.publicKey) });
    },
    show: async () => navigator.credentials.get({ publicKey: opened(told().request_options.publicKey) }),
    add: async (form) => {
        const options = opened(told().creation_options.publicKey);
        if (form.elements.passwordless?.checked) {
            options.authenticatorSelection = {
                ...options.authenticatorSelection,
                residentKey: "required",
                requireResidentKey: true,
                userVerification: "required",
            };
        }
        return navigator.credentials.create({ publicKey: options });
    },
};

for (const part of document.querySelectorAll("[data-no-passkeys]")) part.hidden = isAble;

if (isAble) {
    for (const part of document.querySelectorAll("[data-needs-passkeys], [data-passkey]")) part.hidden = false;
    for (const form of document.querySelectorAll("form[data-passkey]")) {
        const trouble = form.querySelector("[data-trouble]");
        form.addEventListener("submit", async (event) => {
            event.preventDefault();
            trouble.hidden = true;
            try {
                form.elements.credential.value = written(await asked[form.dataset.passkey](form));
                form.submit();
            } catch {
                trouble.textContent = "Chưa dùng được khóa truy cập. Hãy thử lại, hoặc dùng cách khác.";
                trouble.hidden = false;
            }
        });
    }
}
