// Gradio answers all events of a page over one stream, and ends it once none is left. An event that is sent at that
// moment waits for ever: the server has ended the stream, and the page, which does not know yet, opens no other one.
// So the end is kept from the page while an event is unanswered, and the stream is asked for once more. That is so for
// an event on its way to the server too, at once: others may be accepted before it, and wait for their answers. If it is
// refused, the stream ends with the next answer.
//
// A stream that a proxy cuts ends without the server's word. The page would take it for open, and wait for ever. The
// server drops what it has not answered, so asking again brings nothing: with an event unanswered, the page is told that
// the connection broke, which Gradio says and mends by loading the page anew, and else that the stream has ended.
(() => {
  const request = window.fetch.bind(window);
  const sending = new Set(); // events that the server has not accepted yet
  const unanswered = new Set(); // identifiers of those that it has
  const answeredEarly = new Set(); // whose answer came before the server's word that it accepted them
  let ending = Promise.resolve(); // until the page has read the end of a stream

  const join = async (...event) => {
    const accepted = request(...event).then(async (response) => {
      const { event_id: id } = await response.clone().json().catch(() => ({}));
      if (id && !answeredEarly.delete(id)) unanswered.add(id);
      return response;
    });
    sending.add(accepted);
    try {
      return await accepted;
    } finally {
      sending.delete(accepted);
      await ending;
    }
  };

  const note = ({ msg, event_id: id }) => {
    if (msg === "unexpected_error" && !id) unanswered.clear(); // this is the answer to all
    const isAnswer = id && ["process_completed", "unexpected_error"].includes(msg);
    if (isAnswer && !unanswered.delete(id)) answeredEarly.add(id);
  };

  const isAllAnswered = () => !sending.size && !unanswered.size;

  // The messages of a stream, as they are written.
  const parts = async function* (body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; ; ) {
      const { done, value } = await reader.read();
      if (done) return;
      const messages = (text + value).split("\n\n");
      text = messages.pop();
      yield* messages;
    }
  };

  const listen = async (asked, options) => {
    const { url, headers, credentials, signal } = new Request(asked, options);
    const leaving = new AbortController();
    const open = () => request(url, { headers, credentials, signal: leaving.signal });
    const encoder = new TextEncoder();
    let isOver = false;
    const end = (page) => {
      isOver = true;
      page.enqueue(encoder.encode('data: {"msg":"close_stream"}\n\n'));
      ending = new Promise((resolve) => setTimeout(resolve));
    };
    // Returns whether the page needs another stream after this one.
    const handOn = async (stream, page) => {
      let isEnded = false; // by the server
      for await (const part of parts(stream.body)) {
        const message = JSON.parse(part.replace(/^data:/, ""));
        note(message);
        isEnded = message.msg === "close_stream";
        if (!isEnded) page.enqueue(encoder.encode(`${part}\n\n`));
        else if (isAllAnswered()) end(page);
      }
      if (!isEnded && unanswered.size) throw new Error("The stream of events was cut.");
      if (!isEnded) end(page);
      return !isOver;
    };
    // The page lets go of a stream that has ended as well, and the server would take that for a visitor who leaves.
    signal.addEventListener("abort", () => isOver || leaving.abort());
    let stream = await open();
    if (!stream.ok) return stream;
    const start = async (page) => {
      try {
        while (await handOn(stream, page)) stream = await open();
        if (!signal.aborted) page.close();
      } catch (error) {
        if (!isOver) page.error(error);
      }
    };
    return new Response(new ReadableStream({ start: (page) => void start(page) }), { headers: stream.headers });
  };

  window.fetch = (asked, options) => {
    const { pathname } = new URL(asked.url ?? asked, location.href);
    if (pathname.endsWith("/queue/join")) return join(asked, options);
    if (pathname.endsWith("/queue/data")) return listen(asked, options);
    return request(asked, options);
  };
})();
