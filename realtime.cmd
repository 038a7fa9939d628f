@echo off
rem The SFU and the minimal runner need Linux: on Windows everything runs inside WSL.
where wsl >nul 2>nul || (echo Realtime needs WSL on Windows. Install it with: wsl --install & exit /b 1)
cd /d "%~dp0"
wsl bash ./realtime %*
