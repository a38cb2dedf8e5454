// The settings as a command sees them: those of the environment and the settings file, overruled by the command's options.
import { readFileSync } from "node:fs";
import { type Config, loadConfig, type Mode, settings, settingsFileEnv } from "../config.ts";
import { CommandError, type Environment, exitCodes } from "./command.ts";

export const settingOptions = {
  port: { type: "string", value: "port", says: "Listen on this port; 0 takes any free one. (POSTHORN_PORT, 4100)" },
  host: { type: "string", value: "address", says: "Listen on this address. (POSTHORN_HOST, 127.0.0.1)" },
  "data-dir": { type: "string", value: "folder", says: "Keep store and keys here. (POSTHORN_DATA_DIR, ./data)" },
  config: { type: "string", value: "file", says: "Read this YAML file of settings. (POSTHORN_CONFIG)" },
} as const;

export type SettingValues = { readonly [Name in keyof typeof settingOptions]?: string | undefined };

/** These say to the commands where Posthorn is. A node that finds them in its environment passes them over. */
export const clientEnv = { url: "POSTHORN_URL", key: "POSTHORN_KEY" } as const;

/** @throws CommandError with a line for each thing that is wrong. */
export function readSettings(mode: Mode, env: Environment, values: SettingValues = {}): Config {
  const { [clientEnv.url]: _url, [clientEnv.key]: _key, ...rest } = env;
  const loaded = loadConfig({ mode, env: { ...rest, ...overrules(values) }, file: readSettingsFile(env, values) });
  if (loaded.ok) return loaded.config;
  throw new CommandError(exitCodes.unavailable, ...loaded.problems);
}

function overrules(values: SettingValues): Environment {
  const given = {
    [settings.port.env]: values.port,
    [settings.host.env]: values.host,
    [settings.dataDir.env]: values["data-dir"],
  };
  return Object.fromEntries(Object.entries(given).filter(([, text]) => text !== undefined));
}

function readSettingsFile(env: Environment, values: SettingValues): string | undefined {
  const path = values.config ?? env[settingsFileEnv];
  if (path === undefined || path === "") return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CommandError(exitCodes.unavailable, `the settings file cannot be read: ${messageOf(error)}`);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
