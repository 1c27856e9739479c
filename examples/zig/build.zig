const std = @import("std");

pub fn build(b: *std.Build) void {
    const exe = b.addExecutable(.{
        .name = "telescope",
        .root_module = b.createModule(.{
            .root_source_file = b.path("src/main.zig"),
            .target = b.standardTargetOptions(.{}),
            .link_libc = true,
        }),
    });
    exe.root_module.linkSystemLibrary("usb-1.0", .{});
    b.installArtifact(exe);
}
