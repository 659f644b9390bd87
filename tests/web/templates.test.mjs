// SPDX-License-Identifier: GPL-2.0-or-later
// Rules of the templates that no renderer knows. Needs no stack.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../templates');
const templates = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.mustache')).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);

test('there are templates', () => assert.ok(templates.length >= 6));

for (const [name, text] of templates) {
	test(name, () => {
		assert.doesNotMatch(text, /\{\{[{&]/, 'everything is escaped');
		assert.doesNotMatch(text, /<script(?![^>]*\bsrc=)|<style|\son\w+=|\bstyle=|javascript:/i, 'no inline script or style: the content security policy forbids them');
		assert.doesNotMatch(text, /(?:src|href|action)="(?:https?:)?\/\//, 'nothing is loaded from elsewhere');
		for (const [form] of text.matchAll(/<form\b[^]*?<\/form>/g))
			if (/method="post"/.test(form)) assert.match(form, /name="csrf" value="\{\{csrf\}\}"/, form);
		for (const [attribute] of text.matchAll(/\s[\w-]+=\{\{/g)) assert.fail(`not quoted: ${attribute}`);
		const said = text.replace(/\{\{[^]*?\}\}/g, (tag) => (/^\{\{[#/]t\}\}/.test(tag) ? tag : '')).replace(/\{\{#t\}\}[^]*?\{\{\/t\}\}/g, '').replace(/<[^>]*>/g, ' ');
		assert.doesNotMatch(said.replace(/Tandem|English|中文|MP3|WAV|CSV|GB|XLSX|JSON|Ctrl|Enter|Esc/g, ''), /[A-Za-z\u4e00-\u9fff]{2,}/, 'every word is translated');
	});
}
