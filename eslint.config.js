// SPDX-License-Identifier: Apache-2.0
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig([
  globalIgnores([
    "**/dist/",
    "**/bundle/",
    "**/generated/",
    "**/build/",
    "**/coverage/",
    ".cache/",
    "kmod/",
  ]),
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["tsconfig.check.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  {
    files: ["cli/**/*.ts", "demo/**/*.ts", "tools/**/*.ts", "test/**/*.ts", "vault-config/**/*.ts"],
    rules: { "no-console": "off" },
  },
  {
    // chai's property assertions (`expect(x).to.be.true`) are expressions.
    files: ["**/*.test.ts"],
    rules: { "@typescript-eslint/no-unused-expressions": "off" },
  },
  {
    files: ["**/*.js", "**/*.mjs"],
    rules: { eqeqeq: "error", "no-unused-vars": "error", "no-undef": "off" },
  },
]);
