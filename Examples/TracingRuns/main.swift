import CanoCore
import InMemoryTracing
import Tracing

enum Delivery: String, WorkflowState, CaseIterable {
    case route, drive, delivered
}

// Keeps spans in memory, where this program reads them. A service bootstraps one that sends them on; a bridge does it with
// `--otlp-endpoint`.
let tracer = InMemoryTracer()
var runtime = WorkflowRuntime()
runtime.tracer = tracer

let delivery = Workflow<Delivery>("delivery", startingAt: .route) { state in
    switch state {
    case .route:
        .step(then: .drive) { _ in
            // What a task traces itself, or a client that it calls, is inside its attempt.
            tracer.withAnySpan("ask the map") { span in span.attributes["map.tiles"] = 12 }
        }
    case .drive: .split([Branch("van") { _ in 1 }, Branch("bicycle") { _ in 2 }], then: .delivered)
    case .delivered: .exit
    }
}

try await tracer.withSpan("POST /orders") { _ in try await delivery.run(as: "order-1", in: runtime) }

func text(of attribute: SpanAttribute) -> String {
    switch attribute {
    case .string(let value): " \(value)"
    case .int64(let value): " \(value)"
    default: ""
    }
}

// Prints a span and, indented, those inside it.
func show(_ spans: [FinishedInMemorySpan], inside parent: String?, indent: String = "") {
    let children = spans.filter { $0.parentSpanID == parent }.map { span in
        let place = span.attributes.get("cano.state") ?? span.attributes.get("cano.branch")
        return (line: "\(span.operationName)\(place.map(text(of:)) ?? "")", id: span.spanID)
    }
    for child in children.sorted(by: { $0.line < $1.line }) {
        print("\(indent)\(child.line)")
        show(spans, inside: child.id, indent: indent + "  ")
    }
}

show(tracer.finishedSpans, inside: nil)
