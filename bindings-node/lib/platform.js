'use strict';
// Names the package that has the addon.
// Input: a process. Output: a package name. State: none.

/** @param {Pick<NodeJS.Process, 'platform' | 'arch' | 'report'>} host */
function platformPackage({ platform, arch, report }) {
  const libc = platform === 'linux' ? [isGlibc(report) ? 'gnu' : 'musl'] : [];
  return ['sluicegate', platform, arch, ...libc].join('-');
}

function isGlibc(report) {
  const { excludeNetwork } = report;
  report.excludeNetwork = true; // it would look up the names of all open connections
  const { header } = /** @type {any} */ (report.getReport());
  report.excludeNetwork = excludeNetwork;
  return header.glibcVersionRuntime !== undefined;
}

module.exports = { platformPackage };
