import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: { target: "esnext", chunkSizeWarningLimit: 10_000 },
  define: { global: "globalThis" },
  plugins: [react()],
});
