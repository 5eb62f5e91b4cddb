/* Optional script: opens a thread at its newest message or at the message in its URL, counts characters,
   sends on Ctrl+Enter and prevents a second send. */
(function () {
    "use strict";

    const ANNOUNCE_FROM = 50; // remaining characters at which screen readers announce the count
    const ANNOUNCE_AFTER = 1000; // milliseconds after the last key press

    function fill(template, values) {
        return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
    }

    function count(box, counter, status) {
        const most = box.dataset.most ? Number(box.dataset.most) : Infinity; // some channels have no limit
        const used = Array.from(box.value.replace(/\r\n/g, "\n").trim()).length;
        const over = used - most;
        const template = over > 0 ? counter.dataset.over : counter.dataset.used;
        const text = fill(template, {used: used, most: most, over: over});
        counter.textContent = text;
        counter.classList.toggle("vonage-over", over > 0);
        box.setCustomValidity(over > 0 ? text : "");
        clearTimeout(count.timer);
        count.timer = setTimeout(function () {
            status.textContent = used > most - ANNOUNCE_FROM ? text : "";
        }, ANNOUNCE_AFTER);
    }

    function prepare(form) {
        const box = form.elements.text;
        const button = form.querySelector("button[type=submit]");
        const counter = document.getElementById("vonage-counter");
        const status = document.getElementById("vonage-counter-status");

        // With maxlength, browsers cut pasted text without a message.
        box.dataset.most = box.getAttribute("maxlength") || "";
        box.removeAttribute("maxlength");
        form.noValidate = false;
        form.querySelector("[data-vonage-hint]").hidden = false;

        count(box, counter, status);
        box.addEventListener("input", () => count(box, counter, status));
        box.addEventListener("keydown", function (event) {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !button.disabled) {
                event.preventDefault();
                form.requestSubmit(button);
            }
        });
        form.addEventListener("submit", function () {
            button.disabled = true;
        });
        window.addEventListener("pageshow", function () {
            button.disabled = false;
            count(box, counter, status);
        });
    }

    document.addEventListener("DOMContentLoaded", function () {
        const end = document.getElementById("vonage-reply");
        const form = document.getElementById("vonage-reply-form");
        if (form) {
            prepare(form);
        }
        const namesMessage = window.location.hash.startsWith("#message-");
        if (end && !namesMessage && !window.location.search.includes("before=")) {
            end.scrollIntoView({block: "end"});
        }
    });
})();
