// docs/settings.md, made from the schema in config.ts.
import { defaultOf, type Mode, settings, settingsFileEnv } from "../../packages/server/config.ts";
import { sizeText } from "../../packages/server/setting-formats.ts";

type Setting = (typeof settings)[keyof typeof settings];

export function settingsDocument(): string {
  return `<!-- Made by \`npm run generate\` from packages/server/config.ts. -->
# Settings

Every setting is a variable of the environment. The same names may stand in a YAML file, which \`--config\` or
\`${settingsFileEnv}\` names; where both speak, the environment wins. An empty value means "not set", except where a
list may be empty.

\`\`\`yaml
${settings.port.env}: ${settings.port.default}
${settings.roles.env}: [${settings.roles.default.slice(0, 2).join(", ")}]
${settings.maxBodyBytes.env}: ${sizeText(settings.maxBodyBytes.default)}
\`\`\`

A wrong value or an unknown \`POSTHORN_…\` name stops the start with one line that says what is wrong. \`posthorn dev\` and
\`posthorn serve\` differ only where the table says so.

| setting | default | what it may be | what it does |
|---|---|---|---|
${Object.values(settings).map(row).join("\n")}
`;
}

function row(setting: Setting): string {
  const secret = "secret" in setting ? " Secret: never printed." : "";
  return `| \`${setting.env}\` | ${defaultText(setting)} | ${setting.format.rule} | ${setting.description}${secret} |`;
}

function defaultText(setting: Setting): string {
  const [serve, dev] = (["serve", "dev"] satisfies readonly Mode[]).map((mode) => valueText(setting, mode));
  return serve === dev ? `${serve}` : `${serve}; in dev ${dev}`;
}

function valueText(setting: Setting, mode: Mode): string {
  const value = defaultOf(setting, mode);
  if (value === undefined) return "not set";
  if (Array.isArray(value)) return value.length === 0 ? "empty" : `\`${value.join(",")}\``;
  return `\`${setting === settings.maxBodyBytes ? sizeText(settings.maxBodyBytes.default) : value}\``;
}
