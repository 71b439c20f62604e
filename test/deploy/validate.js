#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// validate FILE...: every document against Kubernetes' own schema (kubernetes-models has them, made
// from its OpenAPI description), strictly: an unknown field, a null, a value that YAML 1.1 (what
// kubectl reads) and 1.2 take for different things, a key or an object given twice are refused.
// Prints the documents as one JSON list. Exit status 0, or 1 with what is wrong on stderr.
"use strict";
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");
const { isDeepStrictEqual } = require("util");

const need = createRequire(path.join(process.env.NPM_DIR, "package.json"));
const YAML = need("yaml");

// "apps/v1", "DaemonSet" to the name of its schema.
function schemaOf(document) {
	const version = document.apiVersion.split("/");
	const group = version.length > 1 ? version[0].split(".")[0] : "core";
	const upper = (word) => word[0].toUpperCase() + word.slice(1);
	const name = `IoK8sApi${upper(group)}${upper(version.at(-1))}${document.kind}`;
	const file = path.join(process.env.NPM_DIR, "node_modules/kubernetes-models/_schemas", `${name}.js`);
	if (!fs.existsSync(file))
		throw new Error(`${document.apiVersion} ${document.kind} is no kind of Kubernetes`);
	return require(file).validate;
}

// The schemas do not refuse what they do not know. They are compiled to code that asks each object
// for every field that they know: what is never asked for is unknown. A null stands for nothing, and
// is what "key:" without a value becomes.
function watched(value, at, wrong) {
	if (value === null) wrong.push(`${at}: null`);
	if (typeof value !== "object" || value === null) return { value, finish() {} };
	const asked = new Set();
	const children = new Map();
	for (const key of Object.keys(value))
		children.set(key, watched(value[key], `${at}${Array.isArray(value) ? `[${key}]` : `.${key}`}`, wrong));
	const proxy = new Proxy(value, {
		get(target, key) {
			asked.add(key);
			return children.has(key) ? children.get(key).value : target[key];
		},
	});
	return {
		value: proxy,
		finish() {
			for (const [key, child] of children) {
				if (asked.has(key)) child.finish();
				else wrong.push(`${at}: unknown field ${key}`);
			}
		},
	};
}

function check(document) {
	if (typeof document !== "object" || document === null || !document.apiVersion || !document.kind)
		return ["a document without apiVersion and kind"];
	const wrong = [];
	const validate = schemaOf(document);
	const root = watched(document, document.kind, wrong);
	if (!validate(root.value))
		for (const error of validate.errors)
			wrong.push(`${document.kind}${error.instancePath}: ${error.message || error.keyword} ` +
				JSON.stringify(error.params));
	root.finish();
	return wrong;
}

function read(file) {
	const text = fs.readFileSync(file === "-" ? 0 : file, "utf8");
	const [old, current] = ["1.1", "1.2"].map((version) =>
		YAML.parseAllDocuments(text, { version, uniqueKeys: true, strict: true }));
	return current.map((document, i) => {
		const problems = [...document.errors, ...document.warnings, ...old[i].errors];
		if (problems.length) throw problems[0];
		// octal numbers are the one thing that people write on purpose: modes, as kubectl has them
		const [a, b] = [old[i].toJS(), document.toJS()];
		if (!isDeepStrictEqual(withoutModes(a), withoutModes(b)))
			throw new Error("YAML 1.1 and 1.2 read it differently: quote it");
		return a;
	});
}

function withoutModes(value) {
	return JSON.stringify(value, (key, item) => (/^(defaultMode|mode)$/.test(key) ? undefined : item));
}

let failed = false;
const all = [];
const names = new Set();
for (const file of process.argv.slice(2)) {
	try {
		for (const document of read(file)) {
			for (const words of check(document)) {
				console.error(`${file}: ${words}`);
				failed = true;
			}
			const { name, namespace } = document.metadata || {};
			const id = `${document.kind} ${namespace || ""}/${name}`;
			if (names.has(id) && process.argv.length === 3) {
				console.error(`${file}: ${id} is there twice`);
				failed = true;
			}
			names.add(id);
			all.push(document);
		}
	} catch (error) {
		console.error(`${file}: ${error.message}`);
		failed = true;
	}
}
if (!all.length) {
	console.error("nothing was validated");
	failed = true;
}
console.log(JSON.stringify(all, null, 1));
process.exit(failed ? 1 : 0);
