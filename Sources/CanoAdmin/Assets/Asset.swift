/// A file that pages refer to.
struct Asset: Sendable {
    let path: String
    let type: String
    let bytes: [UInt8]

    /// All of them.
    static let all = [
        Asset(path: "/assets/admin.css", type: "text/css; charset=utf-8", bytes: PackageResources.admin_css),
        Asset(path: "/assets/admin.js", type: "text/javascript; charset=utf-8", bytes: PackageResources.admin_js),
        Asset(path: "/assets/icon.svg", type: "image/svg+xml", bytes: PackageResources.icon_svg),
    ]
}
