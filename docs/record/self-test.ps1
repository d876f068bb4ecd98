# SPDX-License-Identifier: Apache-2.0
# Records, runs afdprobe.exe, stops, and lets bufcheck say what the recording is good for.
# Not run yet: written by the documentation of wpr (docs/ground-truth.md).
#
#     self-test.ps1 [-Folder FOLDER] [-Bufcheck bufcheck.exe] [-Probe afdprobe.exe]
#
# Needs Windows 10 or later and an elevated console. Leaves probe.etl, probe.jsonl and calibrate.json
# in FOLDER. The exit status is that of `bufcheck calibrate`.
param(
    [string]$Folder = ".",
    [string]$Bufcheck = "bufcheck.exe",
    [string]$Probe = "afdprobe.exe"
)
Set-StrictMode -Version 2
$ErrorActionPreference = "Stop"
$instance = "bufcheck-self-test"

function Stop-With([string]$message) {
    Write-Host "self-test: $message"
    exit 2
}

$identity = [Security.Principal.WindowsIdentity]::GetCurrent()
$administrator = [Security.Principal.WindowsBuiltInRole]::Administrator
if (-not (New-Object Security.Principal.WindowsPrincipal($identity)).IsInRole($administrator)) {
    Stop-With "recording needs an elevated console: run PowerShell as administrator"
}
foreach ($tool in @("wpr.exe", $Bufcheck, $Probe)) {
    if (-not (Get-Command $tool -ErrorAction SilentlyContinue)) {
        Stop-With "$tool was not found"
    }
}

New-Item -ItemType Directory -Force -Path $Folder | Out-Null
$wprp = Join-Path $Folder "bufcheck.wprp"
$etl = Join-Path $Folder "probe.etl"
$log = Join-Path $Folder "probe.jsonl"
& $Bufcheck capture-help --wprp | Set-Content -Encoding ASCII $wprp

& wpr.exe -start "$wprp!Bufcheck" -filemode -instancename $instance
if ($LASTEXITCODE -ne 0) {
    Stop-With "wpr could not start the recording (exit status $LASTEXITCODE)"
}
try {
    & $Probe -o $log
    $probed = $LASTEXITCODE
} finally {
    & wpr.exe -stop $etl -instancename $instance
}
if ($probed -ne 0) {
    Write-Host "self-test: a scenario of the probe failed; the rest still counts"
}
if (-not (Test-Path $etl)) {
    Stop-With "wpr wrote no trace"
}

& $Bufcheck info $etl
& $Bufcheck calibrate -f text -f "json=$(Join-Path $Folder 'calibrate.json')" $etl $log
exit $LASTEXITCODE
