// SPDX-License-Identifier: GPL-2.0-or-later
// Who used the processors: CPU seconds of every process of a stack and of the generators, from /proc.
import { readFileSync, readdirSync } from 'node:fs';

const HZ = 100;				// USER_HZ, the unit of /proc on every Linux of ours
const text = (path) => { try { return readFileSync(path, 'utf8'); } catch { return ''; } };

// { pid: { parent, name, seconds } } of the whole machine. A name may hold spaces and brackets.
function processes() {
	const all = {};
	for (const pid of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
		const m = /^\d+ \((.*)\) \S (\d+) (.*)/s.exec(text(`/proc/${pid}/stat`));
		if (!m) continue;
		const rest = m[3].split(' ');		// from field 5 on
		all[pid] = { parent: Number(m[2]), name: m[1], seconds: (Number(rest[9]) + Number(rest[10])) / HZ };
	}
	return all;
}

// Seconds of all processors since the start: at work, and wanted but given to other machines of the same host.
function machine() {
	const [user, nice, system, idle, iowait, irq, softirq, steal] = text('/proc/stat').split('\n')[0].trim().split(/\s+/).slice(1).map((v) => Number(v) / HZ);
	return { busy: user + nice + system + irq + softirq, steal };
}

// roots: { part: pid }. What has been used so far: { at, machine, processes: { pid: { part, name, seconds } } }
function reading(roots) {
	const all = processes();
	const partOf = (pid) => {
		for (let p = Number(pid); p > 1 && all[p]; p = all[p].parent) {
			const part = Object.keys(roots).find((name) => roots[name] === p);
			if (part) return part;
		}
		return undefined;
	};
	const found = {};
	for (const pid of Object.keys(all)) {
		const part = partOf(pid);
		if (part) found[pid] = { part, name: all[pid].name, seconds: all[pid].seconds };
	}
	return { at: Date.now(), machine: machine(), processes: found };
}

// Measures from now on. done() gives, in percent of one processor:
// { seconds, busy (whole machine), peak (its busiest second), steal, own (stack and generators),
//   parts: [{ part, percent, processes: [{ name, pid, percent }] }] }, most first.
export function measure(roots) {
	const before = reading(roots);
	let peak = 0, last = { at: before.at, ...before.machine };
	const sampler = setInterval(() => {
		const next = { at: Date.now(), ...machine() };
		peak = Math.max(peak, Math.round((next.busy - last.busy) / (next.at - last.at) * 100000));
		last = next;
	}, 1000);
	return () => {
		clearInterval(sampler);
		const now = reading(roots);
		const seconds = (now.at - before.at) / 1000;
		const percent = (s) => Math.round(s / seconds * 1000) / 10;
		const parts = {};
		for (const [pid, p] of Object.entries(now.processes)) {
			const used = percent(p.seconds - (before.processes[pid]?.seconds ?? 0));
			const part = parts[p.part] ??= { part: p.part, percent: 0, processes: [] };
			part.percent += used;
			part.processes.push({ pid: Number(pid), name: p.name, percent: used });
		}
		const list = Object.values(parts).sort((a, b) => b.percent - a.percent);
		for (const part of list) part.processes.sort((a, b) => b.percent - a.percent);
		return { seconds, busy: percent(now.machine.busy - before.machine.busy), peak, steal: percent(now.machine.steal - before.machine.steal), own: list.reduce((sum, p) => sum + p.percent, 0), parts: list };
	};
}
