"""Writes what Jinja, set up as transformers sets it up, makes of templates: chats.py

Into jobs/src/test/resources/template/chats.json: a list of {"template", "values", "text"}, or "refused" for the text where an
exception came instead. The templates are written for this: parts of the language one by one, and chats in the manner of the
families.
"""

import json
from datetime import datetime
from pathlib import Path

from jinja2.exceptions import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

OUT = Path(__file__).parents[2] / "jobs/src/test/resources/template/chats.json"
NOW = datetime(2026, 7, 5, 9, 8, 7)

PARTS = [
    "plain { text } and {single}\n",
    "{{ 1 + 2 * 3 - 4 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2.5 * 2 }} {{ (1 + 2) * 3 }}",
    "{{ 'a' + 'b' ~ 1 ~ none ~ true }} {{ 'ab' * 3 }} {{ [1] + [2, 'x'] }} {{ 'one' 'two' }}",
    "{{ 1 < 2 <= 2 }} {{ 1 == 1.0 }} {{ 'a' != 'b' }} {{ 'b' > 'a' }} {{ not 1 }} {{ 1 and 0 or 'x' }} {{ true == 1 }}",
    "{{ 'a' in 'abc' }} {{ 'a' not in ['b'] }} {{ 'k' in {'k': 1} }} {{ not 'x' in 'abc' }}",
    "{{ 'yes' if 0 else 'no' }} [{{ 'yes' if 0 }}] {{ 1 if 0 else 2 if 0 else 3 }}",
    "{{ [1, 2, 3][-1] }} {{ [1, 2, 3][1:] }} {{ [1, 2, 3][::-1] }} {{ 'abcdef'[1:4] }} {{ 'abc'[::-1] }} {{ [1, 2, 3][:-1] }} {{ [1,2,3,4][-3:-1] }} {{ 'abc'[-1] }} {{ [0,1,2,3][::2] }}",
    "{{ {'a': 1, 'b': [true, none]} }} {{ {'a': {'b': 'c'}}.a.b }} {{ {'a': 1}['a'] }} {{ {'a': 1}.get('x', 'd') }} {{ {'a': 1}.get('x') }}",
    "[{{ missing }}] {{ missing is defined }} {{ {'a': 1}.b is undefined }} {{ missing | default('d') }} {{ '' | default('e', true) }}",
    "{{ missing.part }}",
    "{{ none.part }}[{{ 'x'.part is defined }}]",
    "{{ 'a' is string }} {{ 1 is number }} {{ 1 is integer }} {{ 1.5 is float }} {{ {} is mapping }} {{ [] is sequence }} {{ 'a' is iterable }} {{ none is none }} {{ true is boolean }} {{ false is false }} {{ 3 is odd }} {{ 4 is even }} {{ 6 is divisibleby(3) }} {{ 1 is not string }} {{ 2 is eq 2 }} {{ 2 in [2] }}",
    "{{ '  a b ' | trim }}|{{ '  x '.strip() }}|{{ 'xxaxx'.strip('x') }}|{{ '  a'.lstrip() }}|{{ 'a\\n\\n'.rstrip('\\n') }}|",
    "{{ 'abc' | upper }} {{ 'ABC'.lower() }} {{ 'hello world' | title }} {{ 'hELLO' | capitalize }} {{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x', 'c')) }}",
    "{{ 'a,b,,c'.split(',') }} {{ ' a  b '.split() }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ 'a</t>b'.split('</t>')[-1] }} {{ 'a\\nb'.splitlines() }}",
    "{{ 'aXbX'.replace('X', '-') }} {{ 'abab' | replace('b', '') }} {{ 'banana'.find('n') }} {{ 'banana'.count('an') }} {{ 'ab'.removeprefix('a') }} {{ '-'.join(['a', 'b']) }} {{ 'x{}y{}'.format(1, 'z') }}",
    "{{ [1, 2] | join(', ') }} {{ [] | length }} {{ 'abc' | length }} {{ [3, 1, 2] | sort }} {{ [1, 2] | first }} {{ [1, 2] | last }} {{ ['a', 'b'] | list }} {{ '5' | int + 1 }} {{ 'x' | int }} {{ 5 | string + '!' }} {{ [1, 1, 2] | unique | list }} {{ -3 | abs }}",
    "{{ items | map(attribute='n') | join(',') }} {{ items | selectattr('n', 'equalto', 2) | map(attribute='t') | list }} {{ items | rejectattr('n', 'equalto', 2) | list | length }} {{ none | selectattr('x') | list }} {{ [0, 1, 2] | select | list }} {{ ['a', 'b'] | map('upper') | list }}",
    '{{ {"a": "q\\"<é>", "b": [1, 2.5, true, none], "c": {}} | tojson }} {{ [1, {"a": []}] | tojson(indent=2) }}',
    "{{ 'a\\nb\\n\\nc' | indent(2) }}|{{ 'a\\nb' | indent(2, true) }}",
    "{% for x in [1, 2, 3] %}{{ loop.index }}/{{ loop.length }}:{{ x }}{{ ',' if not loop.last }}{{ loop.first }}{{ loop.revindex0 }} {% endfor %}",
    "{% for x in [] %}no{% else %}nothing{% endfor %} {% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for x in [1, 2, 3, 4] if x is even %}{{ x }}{{ loop.length }} {% endfor %}{% for x in range(5) %}{% if x == 1 %}{% continue %}{% endif %}{% if x == 3 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in [1, 2] %}{% for y in 'ab' %}{{ x }}{{ y }}{{ loop.index0 }}{% endfor %}{{ loop.index0 }}{% endfor %} {% for x in [1, 2, 3] %}{{ loop.previtem is defined }}{{ loop.nextitem }}{% endfor %}",
    "{% set a = 1 %}{% for x in [1] %}{% set a = 2 %}{{ a }}{% endfor %}{{ a }} {% set ns = namespace(n=0, t='') %}{% for x in [1, 2] %}{% set ns.n = ns.n + x %}{% endfor %}{{ ns.n }}{% if true %}{% set a = 5 %}{% endif %}{{ a }}",
    "{% set a, b = 1, 2 %}{{ a + b }} {% set t %}in {{ a }}{% endset %}[{{ t }}]",
    "{% macro f(x, y='d') %}<{{ x }}:{{ y }}>{% endmacro %}{{ f(1) }}{{ f(1, 2) }}{{ f(x='a', y='b') }} {{ f(1) | upper }}",
    "{% macro down(n) %}{{ n }}{% if n > 0 %}{{ down(n - 1) }}{% endif %}{% endmacro %}{{ down(3) }}",
    "a {# comment {{ x }} #} b\n{# whole line #}\nc {#- both -#} d",
    "  {% if true %}\n    x\n  {% endif %}\n  y\n",
    "a\n\n   {%- if true -%}  \n  x  {%- endif %}\n z {{- ' q ' -}}  \n r",
    "{% if true +%}\nx{% endif %}\n  {%+ if true %}y{% endif %}",
    "{% if a == 1 %}one{% elif a == 2 %}two{% else %}many{% endif %}",
    "{{ strftime_now('%d %b %Y') }} {{ strftime_now('%A %B %H:%M:%S %Y-%m-%d') }}",
    "{{ raise_exception('no such role') }}",
    "{{ range(3) | list }} {{ range(5, 1, -2) | list }} {{ (1, 2)[1] }} {{ () | length }}",
    "{{ 1 / 0 }}",
    "{{ 'a' < 1 }}",
    "{{ nothing() }}",
    "{% if x %}never closed",
    "{{ 'never closed }}",
    "{{ a | no_such_filter }}",
    "{{ a is no_such_test }}",
    "{{ ''.__class__ }}",
    "{{ 'x'.__class__.__mro__ }}",
]

CHATS = {
    "chatml": "{% for m in messages %}{% if loop.first and m['role'] != 'system' %}{{ '<|im_start|>system\\nYou help.<|im_end|>\\n' }}{% endif %}"
    "{{'<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    "headers": """{{- bos_token }}
{%- if messages[0]['role'] == 'system' %}
    {%- set said = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set said = "" %}
{%- endif %}
{{- "<|header|>system<|end|>\\n\\nToday: " + strftime_now("%d %b %Y") + "\\n\\n" + said + "<|eot|>" }}
{%- for message in messages %}
    {%- if message.content is string %}
        {{- '<|header|>' + message['role'] + '<|end|>\\n\\n' + message['content'] | trim + '<|eot|>' }}
    {%- elif 'tool_calls' in message %}
        {{- raise_exception("one tool at a time") }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|header|>assistant<|end|>\\n\\n' }}
{%- endif %}
""",
    "turns": "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}"
    "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}"
    "{{ '<start>' + role + '\\n' + message['content'] | trim + '<end>\\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start>model\\n'}}{% endif %}",
    "instructions": """{%- set system = messages[0]["content"] if messages[0]["role"] == "system" else none %}
{%- set rest = messages[1:] if system is not none else messages %}
{{- bos_token }}
{%- for message in rest %}
    {%- if message["role"] == "user" %}
        {%- if loop.last and system is not none %}
            {{- "[INST] " + system + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"] | trim + eos_token }}
    {%- else %}
        {{- raise_exception("Only user and assistant roles are supported!") }}
    {%- endif %}
{%- endfor %}
""",
    "thoughts": """{%- set ns = namespace(last=messages|length - 1, found=false) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if not ns.found and message.role == "user" and not(message.content.startswith('<tool>') and message.content.endswith('</tool>')) %}
        {%- set ns.found = true %}
        {%- set ns.last = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- set content = message.content if message.content is string else '' %}
    {%- if message.role == "assistant" %}
        {%- set thought = '' %}
        {%- if '</think>' in content %}
            {%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last and (loop.last or (not loop.last and thought)) %}
            {{- '<|a|>\\n<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' + content }}
        {%- else %}
            {{- '<|a|>\\n' + content }}
        {%- endif %}
    {%- else %}
        {{- '<|' + message.role + '|>\\n' + content + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|a|>\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
""",
}


def turn(role, content):
    return {"role": role, "content": content}


TALKS = [
    [turn("user", "Hi")],
    [turn("user", "What's 1+1?\n \"x\" <b>"), turn("assistant", "Two.\n"), turn("user", " And é你? ")],
    [turn("system", " Be brief. "), turn("user", "Hi")],
    [
        turn("system", "Be brief."),
        turn("user", "Hi"),
        turn("assistant", "<think>\nhm\n</think>\n\nHello"),
        turn("user", "Bye"),
    ],
    [turn("user", "Hi"), turn("user", "again")],
]


def environment():
    made = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])

    def refuse(message):
        raise TemplateError(message)

    made.filters["tojson"] = lambda value, indent=None: json.dumps(value, ensure_ascii=False, indent=indent)
    made.globals |= {"raise_exception": refuse, "strftime_now": NOW.strftime}
    return made


def rendered(template, values):
    case = {"template": template, "values": values}
    try:
        return case | {"text": environment().from_string(template).render(**values)}
    except Exception as e:
        return case | {"refused": str(e)}


if __name__ == "__main__":
    items = [{"n": 1, "t": "a"}, {"n": 2, "t": "b"}]
    cases = [rendered(part, {"a": 2, "items": items}) for part in PARTS]
    for template in CHATS.values():
        for talk in TALKS:
            given = {"messages": talk, "add_generation_prompt": True, "bos_token": "<s>", "eos_token": "</s>", "tools": None}
            cases.append(rendered(template, given))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(len(cases), "cases,", sum("refused" in case for case in cases), "refused")
