/* SPDX-License-Identifier: Apache-2.0 */

/* The list of findings: filtered, ordered, and only as many rows in the page as are in view. */

const ROW_HEIGHT = 88;
const LEVELS = ['error', 'warning', 'note'];
const LEVEL_RANK = {error: 0, warning: 1, note: 2};

const ORDERS = {
    severity: ['Severity', (a, b) => LEVEL_RANK[a.level] - LEVEL_RANK[b.level]],
    time: ['Time', (a, b) => a.second.posted.at - b.second.posted.at],
    count: ['Count', (a, b) => b.count - a.count],
    shared: ['Longest shared', (a, b) => longest(b) - longest(a)],
};

function longest(finding) {
    const ns = sharedNs(finding);
    return ns === null ? Number.MAX_SAFE_INTEGER : ns;
}

/* An address as it is typed or copied: with 0x, or at least eight hexadecimal digits. */
function addressOf(word) {
    const digits = word.replace(/`/g, '');
    return /^(0x[0-9a-f]{1,16}|[0-9a-f]{8,16})$/.test(digits)
        ? BigInt(digits.startsWith('0x') ? digits : '0x' + digits) : null;
}

/* True if the address lies in memory of the finding's operations. */
function holdsAddress(finding, address) {
    const ranges = finding.memory.map((m) => [m.start, m.length])
        .concat(finding.others.map((o) => [o.overlap.start, o.overlap.length]));
    return ranges.some(([start, length]) => address >= BigInt(start) &&
        address < BigInt(start) + BigInt(length));
}

class FindingList {
    constructor(report, onSelect) {
        this.report = report;
        this.onSelect = onSelect;
        this.box = document.getElementById('list');
        this.space = document.getElementById('list-space');
        this.levels = new Set(LEVELS);
        this.words = [];
        this.chosen = {process: '', rule: '', confidence: '', input: '', order: 'severity'};
        this.fold();
        this.shown = report.findings.map((f, index) => index).filter((i) => this.leads(i));
        this.selected = -1;
        this.texts = null;
        this.sort();
        this.build();
        this.tellOmitted();
    }

    /* Findings of one fingerprint in several traces stand in one row: that of the worst of them,
     * the first where several are as bad. */
    fold() {
        const folds = new Map();
        const findings = this.report.findings;
        findings.forEach((finding, index) => {
            const key = this.report.inputs.length < 2 ? index : finding.fingerprint;
            const fold = folds.get(key) || [];
            folds.set(key, fold);
            fold.push(index);
            finding.fold = fold;
        });
        const badness = (index) => (findings[index].gates ? LEVELS.length : 0) +
            LEVELS.length - LEVELS.indexOf(findings[index].level);
        for (const fold of folds.values()) {
            const leader = fold.reduce((best, index) =>
                badness(index) > badness(best) ? index : best);
            for (const index of fold)
                findings[index].leader = leader;
        }
    }

    /* True if a finding has a row: with one trace chosen each of its own has. */
    leads(index) {
        return this.chosen.input !== '' || this.report.findings[index].leader === index;
    }

    build() {
        this.buildLevels();
        /* A single finding has nothing to be chosen among. */
        for (const chooser of document.querySelectorAll('.filters > :not(.shown)'))
            chooser.hidden = this.report.findings.length === 1;
        const names = (of) => [...new Set(this.report.findings.map(of))].sort();
        this.select('process', 'filter-process', 'All processes',
                    names((f) => processName(f.second)));
        this.select('rule', 'filter-rule', 'All rules', names((f) => f.rule));
        this.select('confidence', 'filter-confidence', 'Any', names((f) => f.confidence));
        if (this.report.inputs.length > 1) {
            document.getElementById('filter-input-label').hidden = false;
            this.select('input', 'filter-input', 'All traces',
                        this.report.inputs.map((input) => input.path));
        }
        const order = document.getElementById('order');
        for (const [value, [name]] of Object.entries(ORDERS))
            order.append(h('option', {value}, name));
        order.addEventListener('change', () => this.choose('order', order.value));
        const search = document.getElementById('search');
        search.addEventListener('input', () => {
            clearTimeout(this.timer);
            this.timer = setTimeout(() => this.search(search.value), 80);
        });
        document.getElementById('clear').addEventListener('click', () => this.clear());
        this.box.addEventListener('scroll', () => this.render(), {passive: true});
        this.box.addEventListener('click', (event) => this.onClick(event));
        this.box.addEventListener('keydown', (event) => this.onKey(event));
        new ResizeObserver(() => this.render()).observe(this.box);
    }

    buildLevels() {
        const box = document.getElementById('levels');
        for (const level of LEVELS) {
            const toggle = h('button', {type: 'button', class: 'level-toggle level-' + level,
                                        'aria-pressed': 'true', 'data-level': level});
            toggle.addEventListener('click', () => {
                const on = !this.levels.delete(level);
                if (on)
                    this.levels.add(level);
                toggle.setAttribute('aria-pressed', String(on));
                this.refresh();
            });
            box.append(toggle);
        }
        this.countLevels();
    }

    /* A button tells how many rows its level has in the traces that are chosen. */
    countLevels() {
        for (const toggle of document.querySelectorAll('.level-toggle')) {
            const level = toggle.getAttribute('data-level');
            const count = this.report.findings.filter((f, index) =>
                f.level === level && this.leads(index) && this.isOfTrace(f)).length;
            toggle.disabled = count === 0;
            toggle.replaceChildren(h('b', null, grouped(count)),
                                   ' ' + level + (count === 1 ? '' : 's'));
        }
    }

    /* True if the finding's trace is the one that is chosen, or none is. */
    isOfTrace(finding) {
        return !this.chosen.input || this.report.inputs[finding.input].path === this.chosen.input;
    }

    select(key, id, all, values) {
        const element = document.getElementById(id);
        element.append(h('option', {value: ''}, all));
        values.forEach((value, i) => element.append(h('option', {value: String(i)}, value)));
        element.addEventListener('change', () =>
            this.choose(key, element.value === '' ? '' : values[Number(element.value)]));
    }

    choose(key, value) {
        this.chosen[key] = value;
        this.refresh();
    }

    search(text) {
        this.words = text.toLowerCase().split(/\s+/).filter(Boolean)
            .map((word) => ({text: word, address: addressOf(word)}));
        this.refresh();
    }

    clear() {
        this.words = [];
        this.levels = new Set(LEVELS);
        Object.assign(this.chosen, {process: '', rule: '', confidence: '', input: ''});
        document.getElementById('search').value = '';
        for (const element of document.querySelectorAll('.selects select'))
            if (element.id !== 'order')
                element.value = '';
        for (const toggle of document.querySelectorAll('.level-toggle'))
            toggle.setAttribute('aria-pressed', 'true');
        this.refresh();
    }

    /* All text of a finding, as its text form has it, and its process and command line. */
    text(index) {
        this.texts = this.texts || [];
        if (this.texts[index] === undefined) {
            const finding = this.report.findings[index];
            const article = document.getElementById('f' + (index + 1));
            this.texts[index] = ((article ? article.textContent : '') + ' ' +
                processName(finding.second) + ' ' + (finding.command_line || '') + ' ' +
                socketName(finding.first) + ' ' + socketName(finding.second) + ' ' +
                finding.fold.map((i) => this.report.inputs[this.report.findings[i].input].path)
                    .join(' ') + ' ' + finding.fingerprint).toLowerCase();
        }
        return this.texts[index];
    }

    matches(index) {
        const f = this.report.findings[index];
        const c = this.chosen;
        return this.leads(index) && this.levels.has(f.level) && (!c.rule || f.rule === c.rule) &&
            (!c.confidence || f.confidence === c.confidence) &&
            (!c.process || processName(f.second) === c.process) &&
            this.isOfTrace(f) &&
            this.words.every((word) => this.text(index).includes(word.text) ||
                (word.address !== null && holdsAddress(f, word.address)));
    }

    refresh() {
        this.shown = this.report.findings.map((f, index) => index).filter((i) => this.matches(i));
        this.sort();
        this.box.scrollTop = 0;
        if (!this.shown.includes(this.selected))
            this.go(this.shown.length ? this.shown[0] : -1);
        else
            this.reveal();
        this.count();
        this.render();
    }

    sort() {
        const findings = this.report.findings;
        const compare = ORDERS[this.chosen.order][1];
        this.shown.sort((a, b) => compare(findings[a], findings[b]) || a - b);
    }

    /* Over several traces a row is a cause, which may have a finding in each of them. */
    count() {
        const findings = this.report.findings;
        const all = findings.filter((f, index) => this.leads(index)).length;
        const some = this.shown.length;
        const noun = all === findings.length ? 'finding' : 'cause';
        const count = some === all ? plural(all, noun) : grouped(some) + ' of ' + plural(all, noun);
        const folded = all === findings.length ? ''
            : ' with ' + plural(findings.length, 'finding');
        document.getElementById('shown-count').textContent = count +
            (some === all ? folded : '');
        document.getElementById('clear').hidden = some === all;
        this.countLevels();
    }

    /* Findings beyond --max-findings are in the verdict's counts and in no row. */
    tellOmitted() {
        const {omitted} = this.report;
        const line = document.getElementById('omitted');
        line.hidden = omitted === 0;
        line.textContent = omitted === 0 ? '' : plural(omitted, 'more finding') + ' left out: ' +
            '--max-findings 0 shows all.';
    }

    render() {
        const {scrollTop, clientHeight} = this.box;
        const from = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT) - 4);
        const to = Math.min(this.shown.length,
                            Math.ceil((scrollTop + Math.max(clientHeight, 400)) / ROW_HEIGHT) + 4);
        this.space.style.height = Math.max(1, this.shown.length) * ROW_HEIGHT + 'px';
        this.space.replaceChildren(...this.shown.slice(from, to)
            .map((index, i) => this.row(index, from + i)));
        if (!this.shown.length)
            this.space.append(h('p', {class: 'nothing muted'}, 'No finding matches.'));
        const at = this.shown.indexOf(this.selected);
        if (at >= from && at < to)
            this.box.setAttribute('aria-activedescendant', 'row' + (this.selected + 1));
        else
            this.box.removeAttribute('aria-activedescendant');
    }

    row(index, place) {
        const f = this.report.findings[index];
        const row = h('div', {class: 'row level-' + f.level, role: 'option',
                              id: 'row' + (index + 1), 'data-index': index,
                              'aria-selected': String(index === this.selected),
                              'aria-posinset': place + 1, 'aria-setsize': this.shown.length},
            h('span', {class: 'row-top'}, h('span', {class: 'row-rule mono'}, f.rule),
                h('span', {class: 'row-count num'}, f.posts > 1
                    ? grouped(f.posts) + '\u00d7' : '')),
            h('span', {class: 'row-process'}, [callSites(f), processName(f.second)]
                .filter(Boolean).join(' \u00b7 ')),
            h('span', {class: 'row-more muted'}, h('span', {class: 'num'},
                seconds(pointNs(f.second.posted))), ' \u00b7 ', socketName(f.second)),
            h('span', {class: 'row-more muted'}, this.rowSummary(f)));
        row.style.top = place * ROW_HEIGHT + 'px';
        return row;
    }

    rowSummary(f) {
        const harm = f.words.harm_short === '-' ? null : 'harm ' + f.words.harm_short;
        const traces = this.chosen.input === '' ? tracesWords(this.report, f) : null;
        return [f.level + (f.confidence === 'confirmed' ? '' : ', ' + f.confidence), harm, traces]
            .filter(Boolean).join(' \u00b7 ');
    }

    onClick(event) {
        const row = event.target.closest('.row');
        if (row)
            this.go(Number(row.getAttribute('data-index')));
    }

    onKey(event) {
        const page = Math.max(1, Math.floor(this.box.clientHeight / ROW_HEIGHT) - 1);
        const steps = {ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page,
                       Home: -Infinity, End: Infinity};
        if (event.key === 'Enter')
            document.getElementById('detail').focus();
        else if (event.key in steps)
            this.step(steps[event.key]);
        else
            return;
        event.preventDefault();
    }

    step(by) {
        if (!this.shown.length)
            return;
        const at = this.shown.indexOf(this.selected);
        this.go(this.shown[Math.min(this.shown.length - 1, Math.max(0, at + by))]);
    }

    go(index) {
        if (index === this.selected)
            return;
        this.selected = index;
        this.onSelect(index);
        this.reveal();
        this.render();
    }

    /* The list may end below the window: what counts is what of it can be seen. */
    reveal() {
        const top = this.shown.indexOf(this.selected) * ROW_HEIGHT;
        const seen = Math.min(this.box.clientHeight,
                              innerHeight - this.box.getBoundingClientRect().top);
        const height = Math.max(ROW_HEIGHT, seen);
        if (top < this.box.scrollTop)
            this.box.scrollTop = top;
        else if (top + ROW_HEIGHT > this.box.scrollTop + height)
            this.box.scrollTop = top + ROW_HEIGHT - height;
    }
}
