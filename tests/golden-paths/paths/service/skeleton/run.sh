#!/bin/sh
echo "${{ values.name }} on ${{ values.port }}"
