import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // The development server would copy the scripts away from the files beside which they look.
  optimizeDeps: { exclude: ["spanarc"] },
});
