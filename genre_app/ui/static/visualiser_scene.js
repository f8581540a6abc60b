// The visualiser's picture: slow folds of coloured light around a centre, drawn by the graphics card.
(() => {
  const MOST_PIXELS = 900_000; // the picture is soft: it is drawn small and enlarged
  const SLOW_MS = 28;

  const VERTEX = "attribute vec2 a; void main() { gl_Position = vec4(a, 0.0, 1.0); }";
  const FRAGMENT = `
    precision highp float;
    uniform vec2 size;
    uniform float phase, level;
    uniform vec3 first, second, third;

    float hash(vec2 p) { p = fract(p * vec2(123.34, 456.21)); p += dot(p, p + 45.32); return fract(p.x * p.y); }
    float noise(vec2 p) {
      vec2 i = floor(p), f = fract(p);
      vec2 u = f * f * f * (f * (f * 6.0 - 15.0) + 10.0);
      return mix(mix(hash(i), hash(i + vec2(1, 0)), u.x), mix(hash(i + vec2(0, 1)), hash(i + vec2(1, 1)), u.x), u.y);
    }
    float folds(vec2 p) {
      float sum = 0.0, part = 0.55;
      for (int i = 0; i < 4; i++) { sum += part * noise(p); p = mat2(1.6, 1.2, -1.2, 1.6) * p; part *= 0.45; }
      return sum;
    }
    void main() {
      vec2 p = (gl_FragCoord.xy - 0.5 * size) / min(size.x, size.y);
      vec2 at = 1.15 * p + 7.0;
      vec2 q = vec2(folds(at + vec2(0.0, phase)), folds(at + vec2(5.2, 1.3 - 0.8 * phase)));
      vec2 r = vec2(folds(at + 2.2 * q + vec2(1.7 + 0.4 * phase, 9.2)), folds(at + 2.2 * q + vec2(8.3, 2.8 - 0.3 * phase)));
      float f = folds(at + 2.4 * r);

      vec3 colour = mix(first, second, smoothstep(0.35, 0.75, r.x));
      colour = mix(colour, third, smoothstep(0.3, 0.7, q.y));
      float radius = mix(0.26, 0.66, level);
      float body = 1.0 - smoothstep(radius - 0.34, radius + 0.4, length(p * vec2(0.8, 1.0) + 0.7 * (q - 0.5)));
      float fold = smoothstep(0.22, 0.78, f);
      float thread = pow(1.0 - min(1.0, 2.4 * abs(r.x - r.y)), 5.0); // thin, where two folds meet
      float light = mix(0.6, 1.0, level) * (0.05 + 1.7 * fold * fold * fold + 0.5 * thread * fold);
      float glow = 0.05 * exp(-2.2 * dot(p, p));
      vec3 seen = first * (0.006 + glow) + (colour + 0.12 * thread * second) * light * body;
      seen = seen / (1.0 + 0.25 * seen);
      vec3 shown = pow(seen, vec3(1.0 / 2.2));
      gl_FragColor = vec4(shown + (hash(gl_FragCoord.xy) - 0.5) / 255.0, 1.0); // against bands in the dark
    }`;

  const compiled = (gl, kind, text) => {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    return shader;
  };

  // A scene on a canvas, or null where the browser draws no such pictures.
  const scene = (canvas) => {
    const gl = canvas.getContext("webgl", { antialias: false, alpha: false, powerPreference: "low-power" });
    if (!gl) return null;
    const program = gl.createProgram();
    gl.attachShader(program, compiled(gl, gl.VERTEX_SHADER, VERTEX));
    gl.attachShader(program, compiled(gl, gl.FRAGMENT_SHADER, FRAGMENT));
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return null;
    gl.useProgram(program);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
    const corner = gl.getAttribLocation(program, "a");
    gl.enableVertexAttribArray(corner);
    gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);
    const at = (name) => gl.getUniformLocation(program, name);
    const places = { size: at("size"), phase: at("phase"), level: at("level") };
    const colours = [at("first"), at("second"), at("third")];

    let scale = 1;
    let lateness = 0;
    // A card that is slow draws fewer pixels instead of fewer pictures.
    const adapt = (elapsedS) => {
      if (elapsedS > 0.25) return; // the page was not seen
      lateness = 0.9 * lateness + 0.1 * (1000 * elapsedS - SLOW_MS);
      if (lateness < 4 || scale < 0.25) return;
      scale *= 0.8;
      lateness = 0;
    };

    const draw = ({ phase, level, scheme }, elapsedS = 0) => {
      adapt(elapsedS);
      const [width, height] = [canvas.clientWidth || 1, canvas.clientHeight || 1];
      const share = scale * Math.min(1, Math.sqrt(MOST_PIXELS / (width * height)));
      const [across, down] = [Math.max(1, Math.round(width * share)), Math.max(1, Math.round(height * share))];
      if (canvas.width !== across || canvas.height !== down) [canvas.width, canvas.height] = [across, down];
      gl.viewport(0, 0, across, down);
      gl.uniform2f(places.size, across, down);
      gl.uniform1f(places.phase, phase);
      gl.uniform1f(places.level, level);
      colours.forEach((place, i) => gl.uniform3fv(place, scheme[i]));
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    };
    return { draw };
  };

  window.genreVisualiser.scene = scene;
})();
