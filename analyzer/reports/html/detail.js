/* SPDX-License-Identifier: Apache-2.0 */

/* The page of one finding. */

function levelBadge(finding) {
    return h('span', {class: 'badge level-' + finding.level}, finding.level);
}

function detailHead(report, finding) {
    const input = report.inputs.length > 1 ? report.inputs[finding.input].path : null;
    const first = Date.parse(finding.first_time);
    return h('header', {class: 'detail-head'},
        h('p', {class: 'kicker'}, levelBadge(finding), h('span', {class: 'mono'}, finding.rule),
            h('span', {class: 'confidence ' + finding.confidence}, finding.confidence),
            h('span', {class: 'muted'}, finding.words.seen),
            finding.gates ? null
                : h('span', {class: 'muted'}, 'does not count for the exit status')),
        h('h2', null, capital(finding.words.headline)),
        h('p', {class: 'where'}, h('b', null, processName(finding.second)),
            finding.command_line ? h('span', {class: 'mono command'}, finding.command_line) : null,
            input ? h('span', {class: 'muted'}, input) : null,
            isNaN(first) ? null : h('time', {class: 'muted', datetime: finding.first_time},
                finding.second.posted.time.replace('T', ' ').replace('Z', ' UTC'))));
}

function fact(label, value, ...rest) {
    return h('div', {class: 'fact'}, h('dt', null, label), h('dd', null,
        h('b', null, value), rest.map((line) => line && h('span', null, line))));
}

function sharedUntil(finding) {
    const {first, second} = finding;
    if (!first.ended && !second.ended)
        return 'neither end is in the trace';
    const which = !second.ended || (first.ended && first.ended.at <= second.ended.at)
        ? ['first', first] : ['second', second];
    return 'until the ' + which[0] + ' ' + (END_WORDS[which[1].end] || 'ended');
}

function whoText(finding) {
    const thread = finding.same_thread === null ? 'threads unknown'
        : finding.same_thread ? 'same thread' : 'another thread';
    return (finding.same_endpoint ? 'same socket' : 'another socket') + ', ' + thread;
}

function sharedShares(finding) {
    const [a, b] = finding.memory;
    const size = finding.overlap.length;
    if (finding.overlap.extent === 'first-buffer-only')
        return 'several user buffers: only the first one\u2019s address is recorded';
    if (finding.overlap.extent === 'start-only')
        return 'kernel address: the same start';
    return percent(size, a.length) + ' of the first, ' + percent(size, b.length) +
        ' of the second';
}

function detailFacts(finding) {
    const end = hex(BigInt(finding.overlap.start) + BigInt(finding.overlap.length));
    const [conflicts, posts] = finding.words.seen.split(' by ');
    return h('dl', {class: 'facts'},
        fact('Shared memory', bytes(finding.overlap.length),
            h('span', {class: 'mono'}, finding.overlap.start + ' \u2013 ' + end),
            sharedShares(finding)),
        fact('Harm', capital(HARM_WORDS[finding.words.harm_short] || finding.words.harm_short),
            harmVerb(finding), finding.harmful && finding.count > 1 ? 'damage in ' +
                grouped(finding.harmful) + ' of ' + plural(finding.count, 'conflict') : null),
        fact('Both owned it for', sharedFor(finding), sharedUntil(finding)),
        fact('Second post', duration(finding.gap_ns), 'after the first', whoText(finding)),
        fact('Seen', conflicts,
            'by ' + posts + ', on ' + atLeast(finding.endpoints) + plural(finding.endpoints, 'socket') + ', ' +
                atLeast(finding.addresses) + grouped(finding.addresses) +
                (finding.addresses === 1 ? ' address' : ' addresses'),
            finding.posts > 1 ? 'for ' + duration(spanNs(finding)) : null));
}

/* Different sockets and addresses are counted up to 4,096. */
function atLeast(number) {
    return number >= 4096 ? 'at least ' : '';
}

/* A few words about the harmed bytes, as sure as the finding is. */
function harmVerb(finding) {
    if (!finding.harm)
        return null;
    if (finding.harm.bytes === 0)
        return 'no damage in this run';
    const verb = finding.rule === 'recv-over-recv' ? 'overwritten' : 'changed under the send';
    return finding.confidence === 'possible' ? verb + ', if both did own it' : 'really ' + verb;
}

const HARM_WORDS = {'-': 'None by the network'};

function sharedFor(finding) {
    if (!finding.first.ended && !finding.second.ended)
        return 'To the end of the trace';
    return capital(duration(sharedNs(finding)));
}

/* The times have seven decimals, one more than a Date keeps four of. */
function spanNs(finding) {
    const part = (text) => Number((text.match(/\.(\d+)Z$/) || [0, '0'])[1].padEnd(9, '0'));
    const whole = (text) => Date.parse(text.replace(/\.\d+Z$/, 'Z'));
    return (whole(finding.last_time) - whole(finding.first_time)) * 1e6 +
        part(finding.last_time) - part(finding.first_time);
}

function row(label, ...value) {
    return [h('dt', null, label), h('dd', null, value)];
}

function pointText(point) {
    return [h('span', {class: 'num'}, seconds(pointNs(point))),
            point.tid === null ? null : h('span', {class: 'muted'}, ' thread ' + point.tid +
                ', processor ' + point.cpu)];
}

function endText(op) {
    if (!op.ended)
        return h('span', {class: 'open-end'}, END_WORDS.pending);
    const parts = [END_WORDS[op.end] || op.end];
    if (op.ended.bytes !== null && op.ended.bytes !== undefined)
        parts.push(bytes(op.ended.bytes) + ' transferred');
    if (op.ended.status && op.ended.status !== '0x0')
        parts.push('status ' + op.ended.status);
    return parts.join(', ');
}

function stackList(stack, what) {
    if (!stack || !stack.length)
        return h('p', {class: 'no-stack muted'}, 'No call stack of the ' + what +
            ' was recorded.');
    const user = stack.find((frame) => frame.own);
    return h('ol', {class: 'stack mono', 'aria-label': 'Call stack of the ' + what},
        stack.map((frame) => h('li', {class: frame === user ? 'culprit'
            : frame.own ? null : 'system', title: frame.address}, frameName(frame))));
}

/* The lines around the one that posted, from the user's repository. */
function sourceLines(source) {
    if (!source || !source.lines.length)
        return null;
    return h('figure', {class: 'source'},
        h('figcaption', {class: 'mono muted'}, source.name + ':' + source.line),
        h('ol', {class: 'mono', start: source.first}, source.lines.map((line, index) =>
            h('li', {class: source.first + index === source.line ? 'culprit' : null}, line))));
}

function operationCard(finding, which) {
    const op = finding[which];
    const memory = finding.memory[which === 'first' ? 0 : 1];
    const end = hex(BigInt(memory.start) + BigInt(memory.length));
    const place = 'event ' + op.posted.event_id + ' at file offset ' + op.posted.offset;
    return h('section', {class: 'operation ' + which, 'aria-label': capital(which) + ' operation'},
        h('h3', null, h('i', {class: 'number'}, which === 'first' ? '1' : '2'),
            capital(which) + ' operation: ' + op.api,
            h('span', {class: 'muted'}, op.duration_ns === null ? 'no end in the trace'
                : 'in flight ' + duration(op.duration_ns))),
        h('dl', {class: 'rows'},
            row('Socket', socketName(op), op.local || op.remote
                ? h('span', {class: 'muted mono'}, ' ' + op.endpoint) : null),
            row('Memory', h('span', {class: 'mono'}, memory.start + ' \u2013 ' + end),
                h('span', {class: 'muted'}, ' ' + bytes(op.length) + (op.buffer_count > 1
                    ? ' in ' + op.buffer_count + ' user buffers' : '') + (memory.inferred
                    ? ', address from its attempt on the fast path' : ''))),
            op.memory ? row('Lies in', h('span', {class: 'mono'}, op.memory.module + '+' +
                op.memory.offset), h('span', {class: 'muted'}, ' constant or static data')) : null,
            row('Posted', pointText(op.posted)),
            op.continued ? row('Went on', pointText(op.continued), h('span', {class: 'muted'},
                ' Windows could not finish it at once')) : null,
            op.ended ? row('Ended', pointText(op.ended)) : null,
            row('Outcome', endText(op)),
            row('Evidence', h('span', {class: 'muted'}, place))),
        h('h4', null, 'Posted from'),
        sourceLines(finding.sources[which === 'first' ? 0 : 1]),
        stackList(op.posted.stack, 'post'),
        op.ended && op.ended.stack && op.ended.stack.length
            ? h('details', null, h('summary', null, 'Stack of its end'),
                stackList(op.ended.stack, 'end')) : null);
}

function paragraphs(text) {
    return text.split('\n\n').map((part) => h('p', null, part));
}

function confidenceSection(report, finding) {
    const words = finding.confidence === 'possible'
        ? h('ul', null, finding.reasons.map((name) => h('li', null,
            h('span', {class: 'mono'}, name), ' \u2013 ' + (report.reasons[name] || ''))))
        : h('p', null, capital(finding.words.confidence) + '.');
    return h('section', {class: 'prose'}, h('h3', null, capital(finding.confidence)), words,
        finding.in_image ? h('p', null, 'A note, because all that it shares lies in files loaded ' +
            'by the program: constants, and static buffers too, which a trace can\u2019t tell ' +
            'apart.') : null);
}

function harmSection(finding) {
    return h('section', {class: 'prose harm'}, h('h3', null, 'Harm'),
        h('p', null, capital(finding.words.harm) + '.'));
}

/* The first thing to do; paper holds no more. */
function nextSection(finding) {
    return h('section', {class: 'prose'}, h('h3', null, 'Next step'),
        finding.words.doubt ? h('p', null, finding.words.doubt) : null,
        h('p', null, finding.words.next));
}

/* The same cause in other traces, or in other processes of one trace; choosing one shows it. */
function foldSection(report, finding, onChoose) {
    if (!finding.fold || finding.fold.length < 2 || finding.across === null)
        return null;
    const line = (index) => {
        const other = report.findings[index];
        return h('tr', null,
            h('td', null, h('button', {type: 'button', class: 'link',
                                       onclick: () => onChoose(index)},
                report.inputs[other.input].path)),
            h('td', {class: 'num'}, grouped(other.count)), h('td', {class: 'num'},
                grouped(other.posts)), h('td', {class: 'num'}, other.words.harm_short),
            h('td', null, processName(other.second)));
    };
    const [, first, last] = finding.across;
    const traces = tracesWords(report, finding);
    const title = 'The same cause ' + (traces || 'in this trace');
    return h('section', null, h('h3', null, title),
        traces ? h('p', null, 'First in ' + report.inputs[first].path + ', last in ' +
            report.inputs[last].path + '.') : null,
        h('div', {class: 'scroll', tabindex: '0', role: 'group',
                  'aria-label': title}, h('table', {class: 'others'},
            h('thead', null, h('tr', null, ['Trace', 'Conflicts', 'Posts', 'Harm', 'Process']
                .map((name) => h('th', {scope: 'col'}, name)))),
            h('tbody', null, finding.fold.map(line)))));
}

function ruleSection(report, finding) {
    const rule = report.rules.find((one) => one.name === finding.rule);
    if (!rule)
        return null;
    return h('section', {class: 'prose'}, h('h3', null, 'What to do'), paragraphs(rule.fix),
        h('details', null, h('summary', null, 'Why it matters'), paragraphs(rule.why)),
        h('details', null, h('summary', null, 'When it is a false alarm'),
            paragraphs(rule.false_alarm)));
}

function othersSection(finding) {
    if (!finding.others.length)
        return null;
    return h('section', null, h('h3', null, 'Elsewhere, from the same cause'),
        h('div', {class: 'scroll', tabindex: '0', role: 'group',
                  'aria-label': 'Elsewhere, from the same cause'}, h('table', {class: 'others'},
            h('thead', null, h('tr', null, ['Shared memory', 'Length', 'Harm', 'First', 'Second',
                'Second posted', 'Socket'].map((name) => h('th', {scope: 'col'}, name)))),
            h('tbody', null, finding.others.map((other) => h('tr', null,
                h('td', {class: 'mono'}, other.overlap.start),
                h('td', {class: 'num'}, grouped(other.overlap.length)),
                h('td', {class: 'num'}, other.harm ? bytes(other.harm.bytes) : '\u2013'),
                h('td', {class: 'num'}, other.first), h('td', {class: 'num'}, other.second),
                h('td', {class: 'num'}, seconds(pointNs(other))),
                h('td', null, other.socket)))))));
}

function textSection(index) {
    const text = document.querySelector('#f' + (index + 1) + ' pre');
    if (!text)
        return null;
    const copy = h('button', {type: 'button', class: 'quiet', onclick: () => copyText(text, copy)},
        'Copy for a ticket');
    return h('section', {class: 'as-text'}, h('details', null,
        h('summary', null, 'As text'), h('p', null, copy), h('pre', null, text.textContent
            .split('\n').map((line, i) => [i ? document.createElement('br') : null, line]))));
}

/* Without the clipboard (a file from an e-mail may not use it) the text is selected instead. */
function copyText(element, button) {
    const done = (word) => {
        button.textContent = word;
        setTimeout(() => { button.textContent = 'Copy for a ticket'; }, 2000);
    };
    const select = () => {
        const shownText = button.closest('details').querySelector('pre');
        getSelection().selectAllChildren(shownText);
        done('Selected');
    };
    if (!navigator.clipboard)
        select();
    else
        navigator.clipboard.writeText(element.textContent).then(() => done('Copied'), select);
}

function fingerprintLine(finding) {
    return h('p', {class: 'fingerprint muted'}, 'Fingerprint ',
        h('span', {class: 'mono'}, finding.fingerprint), finding.fingerprint_scope === 'build'
            ? ', holds for this build of the program' : '',
        finding.baseline ? ', ' + finding.baseline + ' against the baseline' : '',
        finding.suppressed ? ', suppressed: ' + finding.suppressed : '');
}

/* Returns the children for an article, and the plot that is among them, not drawn yet. */
function detailContent(report, finding, index, options) {
    const still = options && options.still;
    const plot = hasTimes(finding) ? new Plot(finding, options) : null;
    const drawing = plot ? plot.element : h('p', {class: 'muted'}, 'The clock went back between ' +
        'these events: there is no drawing.');
    const children = [detailHead(report, finding), detailFacts(finding), drawing,
        h('div', {class: 'explained'}, harmSection(finding), nextSection(finding)),
        h('div', {class: 'pair'}, operationCard(finding, 'first'),
            operationCard(finding, 'second')),
        h('div', {class: 'explained'}, confidenceSection(report, finding),
            still ? null : ruleSection(report, finding)),
        still ? null : foldSection(report, finding, options && options.choose),
        othersSection(finding), still ? null : textSection(index), fingerprintLine(finding)];
    return {children: children.filter(Boolean), plot};
}
