import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [svelte()],
  // The development server would copy the scripts away from the files beside which they look.
  optimizeDeps: { exclude: ["spanarc"] },
});
