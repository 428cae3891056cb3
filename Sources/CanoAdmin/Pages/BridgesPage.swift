import CanoClient
import CanoPrimitives
import CanoRedis

/// The bridges that were heard of, and what each has.
struct BridgesPage: AdminPage {
    static let path = AdminPath.bridges

    let bridges: [KnownBridge]

    static func read(_ query: FormFields, from bus: AdminBus) async throws -> BridgesPage {
        BridgesPage(bridges: try await bus.client.bridges())
    }

    let title = "Bridges"

    func main(on site: Site) -> HTML {
        let rows = bridges.map { bridge in
            [
                "<span class=\"id\">\(bridge.id)</span>", "\(bridge.silence.short)", "\(bridge.durability?.description ?? "")",
                "\(bridge.workflows.joined(separator: " "))",
            ] as [HTML]
        }
        return
            "<h1>Bridges</h1>\(HTML.table(["Bridge", "#Last heard of", "Durability", "Workflows"], rows, empty: "No bridge is there: start one."))"
    }

    var json: String {
        var text = JSONWriter()
        text.member("bridges", json: JSONWriter.array(bridges.map(\.json)))
        return text.object
    }
}
