#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The OpenAPI document against the server: what it says happened in the tests before, nothing else did.
# Runs last: it reads the access log of the whole folder.
# shellcheck source=test/rest/helpers.bash
load helpers

setup() {
	call GET /v1/openapi.json >/dev/null
	printf '%s' "$body" >"$BATS_TEST_TMPDIR/openapi.json"
	document=$BATS_TEST_TMPDIR/openapi.json
}

# METHOD PATH STATUS, sorted
documented() {
	jq -r '.paths | to_entries[] | .key as $path | .value | to_entries[] | (.key | ascii_upcase) as $method |
		.value.responses | keys[] | select(. != "default") | "\($method) \($path) \(.)"' "$document" | sort -u
}

seen() {
	jq -r 'select(.status > 0) | "\(.method) \(.path) \(.status)"' "$SUITE_DIR/access.log" | sort -u
}

@test "the document is OpenAPI 3.1: its parts are there, each reference leads somewhere" {
	assert_json .openapi 3.1.0
	assert_json '[.info.title, (.info.version | length > 0)] | tojson' '["rbd-rest",true]'
	assert_equal "$(jq -r '[.. | objects | .["$ref"]? // empty] | unique[]' "$document" | while read -r reference; do
		jq -e "getpath($(jq -Rc 'ltrimstr("#/") | split("/")' <<<"$reference")) | objects" "$document" >/dev/null || echo "$reference"
	done)" ''
	# each operation: an id of its own, a summary, answers with a description and, but for 204, content
	assert_json '[.paths[][] | .operationId] | (length == (unique | length)) and length == 13' true
	assert_json '[.paths[][] | (.summary | length > 0) and (.responses | length > 1)] | all' true
	assert_json '[.paths[][].responses | to_entries[] | (.value.description | length > 0) and (.key == "204" or .value.content != null)] | all' true
	assert_json '[.paths[][] | .parameters // [] | .[] | (.in == "query") and (.schema.type | length > 0) and (.required | type == "boolean")] | all' true
}

@test "what may come in the body is not required in the query; of the others what is needed is" {
	assert_json '[.paths[][] | select(.requestBody)] | length' 3
	assert_json '[.paths[][] | select(.requestBody) | .parameters[] | .required] | any' false
	assert_json '[.paths["/v1/image"].delete.parameters[] | select(.required).name] | sort | tojson' '["imageName","poolName"]'
	assert_json '[.paths["/v1/image"].get.parameters[] | select(.required).name] | tojson' '["poolName"]'
}

# Only a crowd of strange passwords gets these, where no cluster is asked.
RARE='^GET /(metrics|v1/openapi.json) 50[34]$'

@test "every answer that the document names was given in the tests, and no other by its routes" {
	local known
	known=$(jq -r '.paths | to_entries[] | .key as $path | .value | keys[] | "\(ascii_upcase) \($path) "' "$document")
	assert_equal "$(documented | grep -cE "$RARE")" 4
	diff <(documented | grep -vE "$RARE") <(seen | grep -F "$known" | grep -vE "$RARE")
}

@test "the document's parameters are those that the server takes: a name of another route is refused" {
	local name
	for name in $(jq -r '[.paths[][].parameters // [] | .[].name] | unique[]' "$document"); do
		call GET "/v1/image?$name=x"
		if jq -e --arg name "$name" '.paths["/v1/image"].get.parameters | any(.name == $name)' "$document" >/dev/null; then
			[[ $body != *'has no parameter'* ]] || return 1
		else
			assert_equal "$status" 400
			assert_contains "$body" 'has no parameter'
		fi
	done
}

# The JSON Schema of an answer, on the answer: types, required and closed objects.
conforms() { # SCHEMA-NAME
	jq -e --arg name "$1" --argjson value "$body" '
		. as $document |
		def follow: if has("$ref") then .["$ref"] as $reference | $document |
			getpath($reference | ltrimstr("#/") | split("/")) else . end;
		def kind: if type == "number" then (if . == floor then "integer" else "number" end) else type end;
		def fits($schema): . as $value | ($schema | follow) as $s |
			(if $s.oneOf then [$s.oneOf[] as $one | $value | fits($one)] | map(select(.)) | length == 1 else true end) and
			(if $s | has("const") then $value == $s.const else true end) and
			(if $s.enum then any($s.enum[]; . == $value) else true end) and
			(if $s.type then ([$s.type] | flatten | any(.[]; . == ($value | kind))) else true end) and
			(if $s.type == "object" then
				all($s.required // [] | .[]; . as $key | $value | has($key)) and
				all($value | keys[]; . as $key | if $s.properties[$key] then ($value[$key] | fits($s.properties[$key]))
					else $s.additionalProperties != false end)
			else true end) and
			(if $s.type == "array" then all($value[]; fits($s.items)) else true end);
		$value | fits({"$ref": ("#/components/schemas/" + $name)})' "$document" >/dev/null ||
		{ echo "no $1: $body"; return 1; }
}

@test "the answers are of their schemas" {
	lab rbd create kube/schema --size 8M
	lab rbd snap create kube/schema@s 2>/dev/null
	lab rbd clone kube/schema@s kube/clone --rbd-default-clone-format 2
	call GET /v1/pool && conforms Pools
	call POST '/v1/pool?name=kube' && conforms Pool
	call GET '/v1/image?poolName=kube' && conforms Images
	call GET '/v1/image?poolName=kube&details=true' && conforms Images
	call POST '/v1/image?poolName=kube&imageName=schema&size=8Mi' && conforms Image
	call PUT '/v1/image?poolName=kube&imageName=schema&size=8Mi' && conforms Image
	call GET '/v1/image/allocation?poolName=kube&imageName=schema&exact=false' && conforms Allocation
	call GET '/v1/image/info?poolName=kube&imageName=clone' && conforms ImageInfo
	assert_json .parent.imageName schema
	call GET /healthz && conforms Health
	call GET /readyz && conforms Health
	call GET '/v1/image?poolName=none' && conforms Problem
	body='{"poolName":"kube"}'
	run -1 conforms Images
}
