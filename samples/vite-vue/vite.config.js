import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === "spanarc-annotator" } } })],
  // The development server would copy the scripts away from the files beside which they look.
  optimizeDeps: { exclude: ["spanarc"] },
});
