import CanoPrimitives
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// A receiver of OTLP over HTTP that answers what it is told to, and keeps what it is sent.
final class Receiver: Sendable {
    struct Answer: Sendable {
        var status: HTTPResponse.Status
        var headers: HTTPFields = [:]
        var body = "{}"

        static let taken = Answer(status: .ok)
        static let busy = Answer(status: .serviceUnavailable)
    }

    struct Request: Sendable {
        let path: String
        let headers: HTTPFields
        let body: String

        /// The names of its spans.
        var spans: [String] {
            get throws {
                struct Body: Decodable {
                    struct Resource: Decodable { let scopeSpans: [Scope] }
                    struct Scope: Decodable { let spans: [Span] }
                    struct Span: Decodable { let name: String }
                    let resourceSpans: [Resource]
                }
                let body = try JSONValue.decode(Body.self, from: body.utf8)
                return body.resourceSpans.flatMap { $0.scopeSpans.flatMap { $0.spans.map(\.name) } }
            }
        }

        /// The number that it has of a counter without labels.
        func sum(of name: String) throws -> String {
            struct Body: Decodable {
                struct Resource: Decodable { let scopeMetrics: [Scope] }
                struct Scope: Decodable { let metrics: [Metric] }
                struct Metric: Decodable {
                    let name: String
                    let sum: Sum?
                }
                struct Sum: Decodable { let dataPoints: [Point] }
                struct Point: Decodable { let asInt: String }
                let resourceMetrics: [Resource]
            }
            let metrics = try JSONValue.decode(Body.self, from: body.utf8).resourceMetrics.flatMap { $0.scopeMetrics.flatMap(\.metrics) }
            return metrics.first { $0.name == name }?.sum?.dataPoints.first?.asInt ?? "none"
        }
    }

    private struct State {
        var next: [Answer] = []
        var usual = Answer.taken
        var requests: [Request] = []
    }

    private let state = Mutex(State())

    /// What it was sent until now.
    var requests: [Request] { state.withLock { $0.requests } }

    /// Answers so from now on: these one after the other, and then always the last.
    func answer(_ next: Answer..., then usual: Answer = .taken) {
        state.withLock { ($0.next, $0.usual) = (next, usual) }
    }

    /// Lets it listen on a free port while the body runs, which is given its address.
    func listening(_ body: @escaping @Sendable (_ address: String) async throws -> Void) async throws {
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let router = Router()
        router.post("**") { [self] request, _ in
            let body = String(buffer: try await request.body.collect(upTo: 10_000_000))
            let answer = state.withLock { state in
                state.requests.append(Request(path: request.uri.path, headers: request.headers, body: body))
                return state.next.isEmpty ? state.usual : state.next.removeFirst()
            }
            return Response(status: answer.status, headers: answer.headers, body: .init(byteBuffer: ByteBuffer(string: answer.body)))
        }
        var quiet = Logger(label: "receiver")
        quiet.logLevel = .critical
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                continuation.yield(channel.localAddress?.port ?? 0)
                continuation.finish()
            }, logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            group.addTask {
                for await port in ports { try await body("http://127.0.0.1:\(port)") }
            }
            try await group.next()
            group.cancelAll()
        }
    }
}
