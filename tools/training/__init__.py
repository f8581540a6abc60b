"""How the embedded models came about: conversion and training. Imports the package; the package never imports it."""
