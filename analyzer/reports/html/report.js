/* SPDX-License-Identifier: Apache-2.0 */

/* Puts the report together: selection, keys, theme, print. */

const PRINTED_MAX = 200;

const report = JSON.parse(document.getElementById('data').textContent);
let plot = null;
let list = null;

function showFinding(index) {
    const detail = document.getElementById('detail');
    if (index < 0) {
        plot = null;
        detail.replaceChildren(h('p', {class: 'nothing muted'},
                                 'No finding matches the filters.'));
        return;
    }
    const content = detailContent(report, report.findings[index], index, {choose: showFinding});
    plot = content.plot;
    detail.replaceChildren(...content.children);
    if (plot)
        plot.draw();
    remember(index);
    if (detail.getBoundingClientRect().top < 0)
        document.getElementById('findings').scrollIntoView();
}

/* The address names the finding, so that a reload or a link shows it again. Some viewers refuse. */
function remember(index) {
    try {
        history.replaceState(null, '', '#finding-' + (index + 1));
    } catch (error) {
        return;
    }
}

/* The finding that the address names, else the first one of the list as it is ordered. */
function wantedFinding() {
    const match = /^#finding-(\d+)$/.exec(location.hash);
    const named = match ? report.findings[Number(match[1]) - 1] : undefined;
    return named ? named.leader : list.shown[0];
}

function isDark() {
    const set = document.documentElement.getAttribute('data-theme');
    return set ? set === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

function setTheme(theme, keep) {
    document.documentElement.setAttribute('data-theme', theme);
    try {
        if (keep)
            localStorage.setItem('bufcheck-theme', theme);
    } catch (error) {
        return;
    }
}

function startTheme() {
    let kept = null;
    try {
        kept = localStorage.getItem('bufcheck-theme');
    } catch (error) {
        kept = null;
    }
    if (kept === 'dark' || kept === 'light')
        setTheme(kept, false);
    document.getElementById('theme-toggle').addEventListener('click', toggleTheme);
}

function toggleTheme() {
    setTheme(isDark() ? 'light' : 'dark', true);
}

function togglePlain() {
    const on = document.documentElement.classList.toggle('show-plain');
    document.getElementById('plain-toggle').setAttribute('aria-pressed', String(on));
    if (!on && plot)
        plot.draw();
}

function onKey(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey)
        return;
    const field = event.target.closest('input, select, textarea, dialog');
    if (field) {
        if (event.key === 'Escape' && field.id === 'search')
            field.blur();
        return;
    }
    const actions = {
        j: () => list.step(1),
        k: () => list.step(-1),
        n: () => list.step(1),
        p: () => list.step(-1),
        t: toggleTheme,
        '/': () => document.getElementById('search').focus(),
        '?': () => document.getElementById('help').showModal(),
    };
    const action = actions[event.key];
    if (action && (list || event.key === 't' || event.key === '?'))
        action();
    else if (!plot || !plot.key(event.key))
        return;
    event.preventDefault();
}

/* Paper has no list: every finding that the filters let through is printed after the other. */
function beforePrint() {
    const box = h('div', {id: 'printed', class: 'printed'});
    const indexes = list ? list.shown : [];
    document.body.insertBefore(box, document.getElementById('health'));
    for (const index of indexes.slice(0, PRINTED_MAX)) {
        const content = detailContent(report, report.findings[index], index,
                                      {still: true, width: 700});
        box.append(h('article', {class: 'detail'}, content.children));
        if (content.plot)
            content.plot.draw();
    }
    if (indexes.length > PRINTED_MAX)
        box.append(h('p', null, plural(indexes.length - PRINTED_MAX, 'more finding') +
            ' not printed; filter the report to print others.'));
}

function afterPrint() {
    const box = document.getElementById('printed');
    if (box)
        box.remove();
}

function startHelp() {
    const help = document.getElementById('help');
    document.getElementById('help-open').addEventListener('click', () => help.showModal());
    document.getElementById('help-close').addEventListener('click', () => help.close());
}

function start() {
    document.documentElement.classList.add('script');
    for (const element of document.querySelectorAll('.scripted'))
        element.hidden = element.id === 'app' && !report.findings.length;
    document.getElementById('plain-toggle').hidden = !report.findings.length;
    document.getElementById('plain-toggle').addEventListener('click', togglePlain);
    startTheme();
    startHelp();
    document.addEventListener('keydown', onKey);
    addEventListener('beforeprint', beforePrint);
    addEventListener('afterprint', afterPrint);
    if (!report.findings.length)
        return;
    list = new FindingList(report, showFinding);
    list.count();
    list.go(wantedFinding());
    addEventListener('hashchange', () => {
        if (location.hash.startsWith('#finding-'))
            list.go(wantedFinding());
    });
    let width = 0;
    new ResizeObserver((entries) => {
        const now = Math.round(entries[0].contentRect.width);
        if (plot && now !== width && now > 0)
            plot.draw();
        width = now;
    }).observe(document.getElementById('detail'));
}

start();
