import AsyncHTTPClient
import CanoCore
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// The other end, as one HTTP client sees it.
struct OTLPReceiver: Sendable {
    /// How much of an answer is read: it says little.
    private static let longestAnswer = 65_536

    /// Where requests are posted to.
    let url: String

    private let client: HTTPClient
    private let headers: [String: String]
    private let timeout: Duration
    private let clock: any EngineClock

    init(_ url: String, headers: [String: String], timeout: Duration, clock: any EngineClock) {
        self.url = url
        self.headers = headers
        self.timeout = timeout
        self.clock = clock
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        // What sends traces is not traced: each request would make another one.
        settings.tracing.tracer = nil
        // What went wrong with the connection is to be told, and tried again after a pause.
        settings.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    /// Posts a request.
    ///
    /// - Returns: What became of it, and the body of the answer.
    /// - Throws: `CancellationError` alone.
    func post(_ body: String) async throws -> (answer: ExportAnswer, body: [UInt8]) {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        request.headers.replaceOrAdd(name: "content-type", value: "application/json")
        if !request.headers.contains(name: "user-agent") { request.headers.add(name: "user-agent", value: "cano-otlp") }
        request.body = .bytes(ByteBuffer(string: body))
        do {
            let response = try await client.execute(request, timeout: TimeAmount(timeout))
            let pause = response.headers.first(name: "retry-after").flatMap { RetryAfter.pause($0, at: clock.unixMilliseconds) }
            let answer = ExportAnswer.status(Int(response.status.code), retryAfter: pause)
            // The status is what counts: an answer that is too long, or breaks off, has come all the same.
            let text = try? await response.body.collect(upTo: Self.longestAnswer)
            return (answer, text.map { Array($0.readableBytesView) } ?? [])
        } catch {
            try Task.checkCancellation()
            return (.none(reason: "\(error)"), [])
        }
    }

    /// Exports to it until the program stops, and then for so long at the most; then closes its connections.
    ///
    /// - Parameters:
    ///   - clock: Measures the time.
    ///   - flushTime: How long the end of the program may wait for what is there to be sent.
    ///   - export: Exports until all was sent after a stop.
    ///   - stop: Tells it of the stop.
    func whileOpen(
        clock: any EngineClock, flushTime: Duration, _ export: @escaping @Sendable () async -> Void, stop: @escaping @Sendable () -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await export() }
            group.addTask {
                guard (try? await gracefulShutdown()) != nil else { return }
                stop()
                try? await clock.sleep(for: flushTime)
            }
            // All was sent, or the time for it is over, or the program can't wait.
            await group.next()
            group.cancelAll()
        }
        do { try await client.shutdown() } catch {}
    }
}
